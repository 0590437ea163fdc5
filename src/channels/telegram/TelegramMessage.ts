import * as Data from "effect/Data"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { SenderContext } from "../../session/SenderContext.js"
import { Message } from "../Message.js"
import * as TelegramAddress from "./TelegramAddress.js"
import type { TelegramAlbums } from "./TelegramAlbums.js"
import type { TelegramBot } from "./TelegramBot.js"
import { addressed } from "./TelegramMention.js"
import type { TelegramSettings } from "./TelegramSettings.js"

/** An update of which only the number is certain: it is what is confirmed, whatever else is in it. */
export const TelegramUpdate = Schema.Struct({ update_id: Schema.Int, message: Schema.optional(Schema.Unknown) })
export type TelegramUpdate = typeof TelegramUpdate.Type

/** An update that is nobody's message to us. `why` is for the log and holds nothing that anybody wrote. */
export class Skipped extends Data.TaggedClass("Skipped")<{ readonly why: string }> {}

/** What is read of core.telegram.org/bots/api#message; everything else in it may change without us. */
const Wire = Schema.Struct({
  message_id: Schema.Int,
  chat: Schema.Struct({
    id: Schema.Int,
    type: Schema.Literal("private", "group", "supergroup", "channel"),
    is_direct_messages: Schema.optional(Schema.Boolean)
  }),
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
  is_automatic_forward: Schema.optional(Schema.Boolean),
  // Whoever wrote it first; older servers of the Bot API say when that was.
  forward_origin: Schema.optional(Schema.Unknown),
  forward_date: Schema.optional(Schema.Unknown),
  media_group_id: Schema.optional(Schema.String),
  ephemeral_message_id: Schema.optional(Schema.Unknown),
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
  ["story", "a story"],
  ["checklist", "a checklist"],
  ["rich_message", "a formatted message"],
  ["paid_media", "something to be paid for"],
  ["game", "a game"]
] as const

const attachmentIn = (raw: unknown): Option.Option<string> => {
  for (const [field, name] of attachments) {
    if (typeof raw === "object" && raw !== null && Object.hasOwn(raw, field)) return Option.some(name)
  }
  return Option.none()
}

/** What was sent besides words, which has a caption where there are any. */
const sentIn = (wire: Wire, raw: unknown): Option.Option<string> =>
  wire.media_group_id === undefined ? attachmentIn(raw) : Option.some("an album")

/**
 * What was said. In a direct chat a voice message or a photo is named in brackets, so that the person gets an answer
 * instead of silence, and an album once; in a group it is not meant for us.
 */
const textOf = (wire: Wire, raw: unknown, albums: TelegramAlbums): Option.Option<string> => {
  const { chat, media_group_id: album, message_id } = wire
  const speaks = album === undefined || albums.isSpeaker(`${chat.id}:${album}`, message_id)
  const written = wire.text ?? wire.caption
  if (written !== undefined) return Option.some(written)
  if (chat.type !== "private" || !speaks) return Option.none()
  return Option.map(sentIn(wire, raw), (name) => `(Sent ${name}. Only text is passed on here.)`)
}

/**
 * Accounts of Telegram's own that stand in for a chat: of channels linked to a group, of people who write in the name of
 * a channel, and of admins who do not show themselves (core.telegram.org/bots/api#message, `sender_chat`).
 */
const standIns = new Set([777_000, 136_817_688, 1_087_968_824])

const isPerson = ({ id, is_bot }: NonNullable<Wire["from"]>): boolean => !is_bot && !standIns.has(id)

const personIn = (wire: Wire): Option.Option<{ readonly sender: SenderContext; readonly author: string }> => {
  if (wire.chat.type === "channel") return Option.none()
  if (wire.chat.type !== "private") {
    // Whoever speaks as a chat is that chat: a number below zero, which no account has.
    const { from, sender_chat } = wire
    const author = sender_chat ?? (from !== undefined && isPerson(from) ? from : undefined)
    if (author === undefined) return Option.none()
    return Option.some({
      sender: { From: `telegram:${wire.chat.id}`, provider: "telegram", chatType: "group" },
      author: `telegram:${author.id}`
    })
  }
  if (wire.from === undefined || !isPerson(wire.from) || wire.sender_chat !== undefined) return Option.none()
  // The chat with a person has that person's number. An answer must not go anywhere else.
  if (wire.chat.id !== wire.from.id) return Option.none()
  const From = `telegram:${wire.from.id}`
  const aliases = wire.from.username === undefined ? {} : { aliases: [`telegram:@${wire.from.username}`] }
  return Option.some({ sender: { From, provider: "telegram", chatType: "direct", ...aliases }, author: From })
}

/** The message in an update, if a person or a group said something to this bot in it. */
export const read = (
  bot: TelegramBot,
  groups: TelegramSettings["groups"],
  albums: TelegramAlbums,
  update: TelegramUpdate
): Message | Skipped => {
  if (update.message === undefined) return new Skipped({ why: "not a new message" })
  const wire = Option.getOrUndefined(decode(update.message))
  if (wire === undefined) return new Skipped({ why: "not in the form of a message" })
  if (wire.is_automatic_forward === true) return new Skipped({ why: "a post of the linked channel" })
  // What the others in a chat do not see is not to be answered before them; and it has no number that is its own.
  if (wire.ephemeral_message_id !== undefined) return new Skipped({ why: "seen by nobody else in its chat" })
  // Many people write there, each for himself, under the number of one group.
  if (wire.chat.is_direct_messages === true) return new Skipped({ why: "written to a channel" })
  const speaker = Option.getOrUndefined(personIn(wire))
  if (speaker === undefined) return new Skipped({ why: "not from a person" })
  const said = Option.getOrUndefined(textOf(wire, update.message, albums))
  if (said === undefined) return new Skipped({ why: "no text" })
  const meant = Option.getOrUndefined(addressed(bot, update.message, said))
  if (meant === undefined) return new Skipped({ why: "a command for another bot" })
  const { forUs, text } = meant
  if (wire.chat.type !== "private") {
    if (groups === "mentioned" && !forUs) return new Skipped({ why: "not for us" })
    if (text === "") return new Skipped({ why: "no text" })
  }
  // A reply in a group without topics has a thread as well, and naming that one would be an error.
  const thread = wire.is_topic_message === true ? Option.fromNullable(wire.message_thread_id) : Option.none()
  const attached = Option.getOrUndefined(sentIn(wire, update.message))
  return new Message({
    channel: "telegram",
    id: `${wire.chat.id}:${wire.message_id}`,
    ...speaker,
    address: TelegramAddress.print({ chat: wire.chat.id, thread }),
    text,
    ...(wire.text === undefined && wire.caption !== undefined && attached !== undefined ? { attached } : {}),
    ...(wire.forward_origin === undefined && wire.forward_date === undefined ? {} : { forwarded: true })
  })
}
