import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import type { proto } from "@whiskeysockets/baileys"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { contentOf } from "../../../src/channels/whatsapp/WhatsAppContent.js"

const textOf = (message: proto.IMessage) => Option.map(contentOf(message), ({ text }) => text)

const words = FastCheck.string({ minLength: 1 })

const wraps: ReadonlyArray<(message: proto.IMessage) => proto.IMessage> = [
  (message) => ({ ephemeralMessage: { message } }),
  (message) => ({ viewOnceMessage: { message } }),
  (message) => ({ viewOnceMessageV2: { message } }),
  (message) => ({ viewOnceMessageV2Extension: { message } }),
  (message) => ({ documentWithCaptionMessage: { message } }),
  (message) => ({ groupMentionedMessage: { message } }),
  (message) => ({ botForwardedMessage: { message } })
]

describe("the content of a WhatsApp message", () => {
  it.prop(
    "is what was written, wherever it stands",
    [words, FastCheck.array(FastCheck.constantFrom(...wraps), { maxLength: 4 })],
    ([text, wrapping]) => {
      const messages: ReadonlyArray<proto.IMessage> = [
        { conversation: text },
        { extendedTextMessage: { text } },
        { imageMessage: { caption: text } },
        { videoMessage: { caption: text } },
        { documentMessage: { caption: text } }
      ]
      for (const message of messages) {
        assertSome(textOf(wrapping.reduce((inner, wrap) => wrap(inner), message)), text)
      }
    }
  )

  it.each<readonly [string, proto.IMessage]>([
    ["a photo", { imageMessage: {} }],
    ["a photo", { viewOnceMessageV2: { message: { imageMessage: { caption: "" } } } }],
    ["a video", { videoMessage: {} }],
    ["a video message", { ptvMessage: {} }],
    ["a voice message", { audioMessage: { ptt: true } }],
    ["a sound file", { audioMessage: {} }],
    ["a file", { documentMessage: { fileName: "secret.pdf" } }],
    ["a sticker", { stickerMessage: {} }],
    ["a location", { locationMessage: {} }],
    ["a location", { liveLocationMessage: { caption: "on my way" } }],
    ["a contact", { contactMessage: { displayName: "Mom" } }],
    ["contacts", { contactsArrayMessage: {} }],
    ["a poll", { pollCreationMessageV3: { name: "When?" } }],
    ["an event", { eventMessage: { name: "Party" } }],
    ["a sticker", { lottieStickerMessage: { message: { stickerMessage: { isLottie: true } } } }],
    ["stickers", { stickerPackMessage: { name: "Cats" } }],
    ["a poll", { pollCreationMessageV4: { message: { pollCreationMessageV3: { name: "When?" } } } }],
    ["a poll", { pollCreationMessageV5: { name: "When?" } }],
    ["an invitation to a group", { groupInviteMessage: { groupName: "Family", caption: "Open this" } }],
    ["a product", { productMessage: {} }],
    ["an order", { orderMessage: {} }],
    ["an album", { albumMessage: { expectedImageCount: 2 } }]
  ])("names %s instead of saying nothing", (name, message) => {
    assertSome(textOf(message), `(Sent ${name}. Only text is passed on here.)`)
  })

  it("names what a caption belongs to, and nothing where there are only words", () => {
    const attachedTo = (message: proto.IMessage) => Option.getOrThrow(contentOf(message)).attached
    assert.strictEqual(attachedTo({ imageMessage: { caption: "Look" } }), "a photo")
    assert.strictEqual(
      attachedTo({ documentWithCaptionMessage: { message: { documentMessage: { caption: "Look" } } } }),
      "a file"
    )
    assert.isUndefined(attachedTo({ imageMessage: {} }))
    assert.isUndefined(attachedTo({ conversation: "Look" }))
  })

  it.each<readonly [string, proto.IMessage]>([
    ["an edit", { editedMessage: { message: { protocolMessage: { editedMessage: { conversation: "new" } } } } }],
    [
      "an edit that disappears",
      { ephemeralMessage: { message: { editedMessage: { message: { conversation: "new" } } } } }
    ],
    ["a revocation", { protocolMessage: { type: 0 } }],
    ["history", { protocolMessage: { historySyncNotification: {} }, conversation: "x" }],
    ["a reaction", { reactionMessage: { text: "👍" } }],
    ["an encrypted reaction", { encReactionMessage: {} }],
    ["a vote", { pollUpdateMessage: {} }],
    ["a pin", { pinInChatMessage: {} }],
    ["a key", { senderKeyDistributionMessage: { groupId: "1@g.us" } }],
    [
      "a picture of an album",
      {
        associatedChildMessage: {
          message: { imageMessage: {}, messageContextInfo: { messageAssociation: { associationType: 1 } } }
        }
      }
    ],
    ["a call", { call: {} }],
    ["nothing", {}],
    ["an empty text", { conversation: "" }]
  ])("%s is no message", (_, message) => {
    assertNone(textOf(message))
  })

  it("knows whom it mentions and whose message it replies to, in texts and captions", () => {
    const contextInfo = { mentionedJid: ["1@lid", "2@s.whatsapp.net"], stanzaId: "3EB0", participant: "3@lid" }
    for (const message of [
      { extendedTextMessage: { text: "x", contextInfo } },
      { ephemeralMessage: { message: { imageMessage: { caption: "x", contextInfo } } } }
    ]) {
      const content = Option.getOrThrow(contentOf(message))
      assert.deepStrictEqual(content.mentions, ["1@lid", "2@s.whatsapp.net"])
      assertSome(content.repliesTo, "3@lid")
    }
  })

  it("knows what was forwarded, as far as it is told", () => {
    const forwarded = (contextInfo: proto.IContextInfo) =>
      Option.getOrThrow(contentOf({ extendedTextMessage: { text: "x", contextInfo } })).forwarded
    assert.deepStrictEqual([{ isForwarded: true, forwardingScore: 1 }, { isForwarded: false }, {}].map(forwarded), [
      true,
      false,
      false
    ])
    assert.isFalse(Option.getOrThrow(contentOf({ conversation: "x" })).forwarded)
  })

  it("a participant without a message that is replied to is no reply", () => {
    const contextInfo = { participant: "3@lid" }
    assertNone(Option.getOrThrow(contentOf({ extendedTextMessage: { text: "x", contextInfo } })).repliesTo)
  })

  it("an endless wrapping has an end", () => {
    const message: proto.IMessage = {}
    message.ephemeralMessage = { message }
    assertNone(contentOf(message))
  })
})
