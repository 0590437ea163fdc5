import * as Data from "effect/Data"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { SenderContext } from "../../session/SenderContext.js"
import { Message } from "../Message.js"
import * as TelegramAddress from "./TelegramAddress.js"

/** The account that the token belongs to (core.telegram.org/bots/api#getme). */
export const TelegramBot = Schema.Struct({
  id: Schema.Int,
  username: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_]+$/))
})
export type TelegramBot = typeof TelegramBot.Type

/** An update of which only the number is certain: it is what is confirmed, whatever else is in it. */
export const TelegramUpdate = Schema.Struct({ update_id: Schema.Int, message: Schema.optional(Schema.Unknown) })
export type TelegramUpdate = typeof TelegramUpdate.Type

/** An update that is nobody's message to us. `why` is for the log and holds nothing that anybody wrote. */
export class Skipped extends Data.TaggedClass("Skipped")<{ readonly why: string }> {}

/** What is read of core.telegram.org/bots/api#message; everything else in it may change without us. */
const Wire = Schema.Struct({
  message_id: Schema.Int,
  chat: Schema.Struct({ id: Schema.Int, type: Schema.Literal("private", "group", "supergroup", "channel") }),
  from: Schema.optional(
    Schema.Struct({
      id: Schema.Int.pipe(Schema.positive()),
      is_bot: Schema.Boolean,
      username: Schema.optional(Schema.String)
    })
  ),
  // Chats have negative ids, people positive ones: a chat that speaks can never be taken for a person.
  sender_chat: Schema.optional(Schema.Struct({ id: Schema.Int.pipe(Schema.negative()) })),
  message_thread_id: Schema.optional(Schema.Int),
  is_topic_message: Schema.optional(Schema.Boolean),
  media_group_id: Schema.optional(Schema.String),
  text: Schema.optional(Schema.String),
  caption: Schema.optional(Schema.String)
})
type Wire = typeof Wire.Type
const decode = Schema.decodeUnknownOption(Wire)

/** What people send besides text, by the field that holds it; an animation also has a document, a venue a location. */
const attachments = [
  ["voice", "a voice message"],
  ["video_note", "a video message"],
  ["audio", "a sound file"],
  ["photo", "a photo"],
  ["animation", "an animation"],
  ["video", "a video"],
  ["sticker", "a sticker"],
  ["document", "a file"],
  ["venue", "a place"],
  ["location", "a location"],
  ["contact", "a contact"],
  ["poll", "a poll"],
  ["dice", "a die"],
  ["story", "a story"]
] as const

const attachmentIn = (raw: unknown): Option.Option<string> => {
  for (const [field, name] of attachments) {
    if (typeof raw === "object" && raw !== null && Object.hasOwn(raw, field)) return Option.some(name)
  }
  return Option.none()
}

/**
 * What was said. In a direct chat a voice message or a photo is named in brackets, so that the person gets an answer
 * instead of silence; in a group it is not meant for us, and of an album each part comes as a message of its own.
 */
const textOf = (wire: Wire, raw: unknown): Option.Option<string> => {
  const written = wire.text ?? wire.caption
  if (written !== undefined) return Option.some(written)
  if (wire.chat.type !== "private" || wire.media_group_id !== undefined) return Option.none()
  return Option.map(attachmentIn(raw), (name) => `(Sent ${name}. Only text is passed on here.)`)
}

const command = /^(\/[A-Za-z0-9_]{1,64})@([A-Za-z0-9_]+)(?!\S)/

/** In groups a command names the bot that it is for, `/new@our_bot`; nothing if that is another one. */
const addressedTo = (bot: TelegramBot, text: string): Option.Option<string> => {
  const found = command.exec(text)
  if (found === null) return Option.some(text)
  const [start, name, to] = found
  return to?.toLowerCase() === bot.username.toLowerCase()
    ? Option.some(`${name}${text.slice(start.length)}`)
    : Option.none()
}

const personIn = (wire: Wire): Option.Option<{ readonly sender: SenderContext; readonly author: string }> => {
  if (wire.chat.type === "channel") return Option.none()
  if (wire.chat.type !== "private") {
    // Someone who speaks as a chat (an anonymous admin, a channel) has a stand-in bot as `from`.
    const author = wire.sender_chat ?? (wire.from?.is_bot === false ? wire.from : undefined)
    if (author === undefined) return Option.none()
    return Option.some({
      sender: { From: `telegram:${wire.chat.id}`, provider: "telegram", chatType: "group" },
      author: `telegram:${author.id}`
    })
  }
  if (wire.from === undefined || wire.from.is_bot || wire.sender_chat !== undefined) return Option.none()
  const From = `telegram:${wire.from.id}`
  const aliases = wire.from.username === undefined ? {} : { aliases: [`telegram:@${wire.from.username}`] }
  return Option.some({ sender: { From, provider: "telegram", chatType: "direct", ...aliases }, author: From })
}

/** The message in an update, if a person or a group said something to this bot in it. */
export const read = (bot: TelegramBot, update: TelegramUpdate): Message | Skipped => {
  if (update.message === undefined) return new Skipped({ why: "not a new message" })
  const wire = Option.getOrUndefined(decode(update.message))
  if (wire === undefined) return new Skipped({ why: "not in the form of a message" })
  const speaker = Option.getOrUndefined(personIn(wire))
  if (speaker === undefined) return new Skipped({ why: "not from a person" })
  const said = Option.getOrUndefined(textOf(wire, update.message))
  if (said === undefined) return new Skipped({ why: "no text" })
  const text = Option.getOrUndefined(addressedTo(bot, said))
  if (text === undefined) return new Skipped({ why: "a command for another bot" })
  // A reply in a group without topics has a thread as well, and naming that one would be an error.
  const thread = wire.is_topic_message === true ? Option.fromNullable(wire.message_thread_id) : Option.none()
  return new Message({
    channel: "telegram",
    id: `${wire.chat.id}:${wire.message_id}`,
    ...speaker,
    address: TelegramAddress.print({ chat: wire.chat.id, thread }),
    text
  })
}
