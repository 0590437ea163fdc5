import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Address } from "../Message.js"

/** Where a Telegram message goes: a chat and, where the chat has topics, the topic's thread. */
export interface TelegramAddress {
  readonly chat: number
  readonly thread: Option.Option<number>
}

const written = /^(-?[1-9][0-9]{0,15})(?:\/([1-9][0-9]{0,15}))?$/
const isSafe = Schema.is(Schema.Int)

/** `<chat>`, or `<chat>/<thread>`. */
export const print = ({ chat, thread }: TelegramAddress): Address =>
  Address.make(Option.match(thread, { onNone: () => `${chat}`, onSome: (topic) => `${chat}/${topic}` }))

/** Reads back what `print` wrote; nothing for the address of another channel. */
export const parse = (address: Address): Option.Option<TelegramAddress> => {
  const found = written.exec(address)
  if (found === null) return Option.none()
  const chat = Number(found[1])
  const thread = Option.map(Option.fromNullable(found[2]), Number)
  return isSafe(chat) && Option.getOrElse(Option.map(thread, isSafe), () => true)
    ? Option.some({ chat, thread })
    : Option.none()
}
