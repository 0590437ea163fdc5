import * as Data from "effect/Data"
import * as Option from "effect/Option"
import type { proto } from "@whiskeysockets/baileys"
import type { SenderContext } from "../../session/SenderContext.js"
import { Message } from "../Message.js"
import { contentOf, type Content } from "./WhatsAppContent.js"
import { type Account, accountIn, addressOf, isGroup, sameAccount } from "./WhatsAppJid.js"
import type { WhatsAppSettings } from "./WhatsAppSettings.js"

/** Where a message belongs, as the server says it. JIDs may name the device. */
export interface Envelope {
  readonly id: string
  readonly chat: string
  /** Written by this account, on this or another of its devices. */
  readonly own: boolean
  /** Who wrote, under every name that WhatsApp vouches for. */
  readonly author: ReadonlyArray<string>
}

/** What is nobody's message to us. `why` is for the log and holds nothing that anybody wrote. */
export class Skipped extends Data.TaggedClass("Skipped")<{ readonly why: string }> {}

const isOneOf = (own: ReadonlyArray<string>, jid: string): boolean => own.some((mine) => sameAccount(mine, jid))

const isForUs = (own: ReadonlyArray<string>, { mentions, repliesTo }: Content): boolean =>
  mentions.some((jid) => isOneOf(own, jid)) || Option.exists(repliesTo, (jid) => isOneOf(own, jid))

/** The text without the mention of this account, in which its number stands. */
const withoutMention = (own: ReadonlyArray<string>, text: string): string =>
  own
    .flatMap((jid) => Option.toArray(Option.fromNullable(/^[0-9]+/.exec(jid)?.[0])))
    .reduce((left, digits) => left.replace(new RegExp(`\\s*@${digits}(?![0-9])`, "g"), ""), text)
    .trim()

/** The phone is the name that stays, whichever of the two a message comes under. */
const names = ({ lid, phone }: Account): readonly [string, ReadonlyArray<string>] =>
  Option.match(phone, {
    onNone: () => [Option.getOrElse(lid, () => ""), []],
    onSome: (phone) => [phone, Option.toArray(lid)]
  })

/** The message, if a person said something to this account in it. `own` are the JIDs of this account. */
export const read = (
  own: ReadonlyArray<string>,
  groups: WhatsAppSettings["groups"],
  { author, chat, id, own: isOwn }: Envelope,
  wire: proto.IMessage
): Message | Skipped => {
  if (isOwn) return new Skipped({ why: "written by this account" })
  const address = Option.getOrUndefined(addressOf(chat))
  const account = Option.getOrUndefined(accountIn(author))
  if (address === undefined || account === undefined) return new Skipped({ why: "not from a person" })
  const content = Option.getOrUndefined(contentOf(wire))
  if (content === undefined) return new Skipped({ why: "no text" })
  const [who, aliases] = names(account)
  const message = (sender: SenderContext, text: string) =>
    new Message({
      channel: "whatsapp",
      id,
      sender,
      author: who,
      address,
      text,
      ...(content.attached === undefined ? {} : { attached: content.attached }),
      ...(content.forwarded ? { forwarded: true } : {})
    })
  if (!isGroup(chat)) {
    const named = aliases.length === 0 ? {} : { aliases }
    return message({ From: who, provider: "whatsapp", chatType: "direct", ...named }, content.text)
  }
  if (!content.isText) return new Skipped({ why: "no text" })
  if (groups === "mentioned" && !isForUs(own, content)) return new Skipped({ why: "not for us" })
  const text = withoutMention(own, content.text)
  if (text === "") return new Skipped({ why: "no text" })
  return message({ From: address, provider: "whatsapp", chatType: "group" }, text)
}
