import * as Option from "effect/Option"
import type { proto } from "@whiskeysockets/baileys"

/** What somebody said, and what it refers to. */
export interface Content {
  /** What was written; or in brackets what was sent, where that has no words. */
  readonly text: string
  readonly isText: boolean
  /** What the text is the caption of. */
  readonly attached?: string
  /** The accounts that it mentions, as JIDs. */
  readonly mentions: ReadonlyArray<string>
  /** The account whose message it replies to. */
  readonly repliesTo: Option.Option<string>
  /** Whether it was passed on, as WhatsApp shows it. */
  readonly forwarded: boolean
}

type Wire = proto.IMessage

/** What messages are wrapped in when they disappear, may be seen once, have a caption, belong to an album and so on. */
const inside = (message: Wire): Wire | null | undefined =>
  (
    message.ephemeralMessage ??
    message.viewOnceMessage ??
    message.viewOnceMessageV2 ??
    message.viewOnceMessageV2Extension ??
    message.documentWithCaptionMessage ??
    message.associatedChildMessage ??
    message.groupMentionedMessage ??
    message.botForwardedMessage ??
    message.lottieStickerMessage ??
    message.pollCreationMessageV4
  )?.message

const unwrapped = (message: Wire, left = 5): Wire => {
  const inner = inside(message)
  return inner === null || inner === undefined || left === 0 ? message : unwrapped(inner, left - 1)
}

interface Attachment {
  readonly caption?: string | null
  readonly contextInfo?: proto.IContextInfo | null
}

/** What people send besides text, by what it is called; what is not here is nobody's message. */
const attachmentIn = (message: Wire): readonly [Attachment, string] | undefined => {
  const { audioMessage, contactMessage, contactsArrayMessage, documentMessage, eventMessage, imageMessage } = message
  const { groupInviteMessage, orderMessage, productMessage, stickerPackMessage } = message
  const { liveLocationMessage, locationMessage, ptvMessage, stickerMessage, videoMessage } = message
  const { pollCreationMessageV2, pollCreationMessageV3, pollCreationMessageV5 } = message
  const poll = message.pollCreationMessage ?? pollCreationMessageV2 ?? pollCreationMessageV3 ?? pollCreationMessageV5
  if (imageMessage) return [imageMessage, "a photo"]
  if (videoMessage) return [videoMessage, "a video"]
  if (ptvMessage) return [ptvMessage, "a video message"]
  if (audioMessage) return [audioMessage, audioMessage.ptt === true ? "a voice message" : "a sound file"]
  if (documentMessage) return [documentMessage, "a file"]
  if (stickerMessage) return [stickerMessage, "a sticker"]
  if (stickerPackMessage) return [stickerPackMessage, "stickers"]
  if (locationMessage) return [locationMessage, "a location"]
  if (liveLocationMessage) return [{ contextInfo: liveLocationMessage.contextInfo ?? null }, "a location"]
  if (contactMessage) return [contactMessage, "a contact"]
  if (contactsArrayMessage) return [contactsArrayMessage, "contacts"]
  if (poll) return [poll, "a poll"]
  if (eventMessage) return [eventMessage, "an event"]
  // Its caption is WhatsApp's own.
  if (groupInviteMessage) return [{ contextInfo: groupInviteMessage.contextInfo ?? null }, "an invitation to a group"]
  if (productMessage) return [productMessage, "a product"]
  if (orderMessage) return [orderMessage, "an order"]
  if (message.albumMessage) return [message.albumMessage, "an album"]
  return undefined
}

/** A choice out of those that a business's message offered. */
const chosenIn = (message: Wire): string | null | undefined =>
  message.buttonsResponseMessage?.selectedDisplayText ??
  message.templateButtonReplyMessage?.selectedDisplayText ??
  message.listResponseMessage?.title

const contextOf = (
  context: proto.IContextInfo | null | undefined
): Pick<Content, "mentions" | "repliesTo" | "forwarded"> => ({
  mentions: context?.mentionedJid ?? [],
  forwarded: context?.isForwarded === true,
  repliesTo:
    typeof context?.stanzaId === "string" && context.stanzaId !== ""
      ? Option.filter(Option.fromNullable(context.participant), (jid) => jid !== "")
      : Option.none()
})

/**
 * What a message says. Edits, reactions, votes, keys, settings and all that clients tell each other are nothing, and
 * neither are the pictures of an album, which has said that it is one.
 */
export const contentOf = (wire: Wire): Option.Option<Content> => {
  // An edit is wrapped, too, and what is in it has been answered as it was.
  if (wire.editedMessage || wire.protocolMessage) return Option.none()
  const message = unwrapped(wire)
  if (message.editedMessage || message.protocolMessage || message.reactionMessage) return Option.none()
  const written = message.conversation || message.extendedTextMessage?.text || chosenIn(message)
  if (typeof written === "string" && written !== "") {
    return Option.some({ text: written, isText: true, ...contextOf(message.extendedTextMessage?.contextInfo) })
  }
  const found = attachmentIn(message)
  if (found === undefined) return Option.none()
  const [attachment, name] = found
  const context = contextOf(attachment.contextInfo)
  const { caption } = attachment
  if (typeof caption === "string" && caption !== "") {
    return Option.some({ text: caption, isText: true, attached: name, ...context })
  }
  const inAlbum = message.messageContextInfo?.messageAssociation ?? wire.messageContextInfo?.messageAssociation
  if (inAlbum) return Option.none()
  return Option.some({ text: `(Sent ${name}. Only text is passed on here.)`, isText: false, ...context })
}
