import { assert, describe, it } from "@effect/vitest"
import { assertNone } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { Address, Message } from "../../../src/channels/Message.js"
import * as TelegramAlbums from "../../../src/channels/telegram/TelegramAlbums.js"
import { read, Skipped } from "../../../src/channels/telegram/TelegramMessage.js"
import { parse } from "../../../src/identity/Identity.js"

const bot = { id: 700000001, username: "warelay_bot" }
const john = { id: 42, is_bot: false, first_name: "John", username: "john" }
const direct = { message_id: 7, date: 1, from: john, chat: { id: 42, type: "private", first_name: "John" } }
const group = { message_id: 8, date: 1, from: john, chat: { id: -100123, type: "supergroup", title: "G" } }

const readMessage = (message: unknown) => read(bot, "all", TelegramAlbums.make(), { update_id: 1, message })
const taken = (message: unknown): Message => {
  const result = readMessage(message)
  assert.instanceOf(result, Message)
  return result
}
const skipped = (message: unknown, why: string) => assert.deepStrictEqual(readMessage(message), new Skipped({ why }))

describe("TelegramMessage", () => {
  it("a person who writes to the bot is named by number, with the username as an alias", () => {
    assert.deepStrictEqual(
      taken({ ...direct, text: "Hello" }),
      new Message({
        channel: "telegram",
        id: "42:7",
        sender: { From: "telegram:42", provider: "telegram", chatType: "direct", aliases: ["telegram:@john"] },
        author: "telegram:42",
        address: Address.make("42"),
        text: "Hello"
      })
    )
  })

  it("a person without a username has no alias", () => {
    assert.notProperty(taken({ ...direct, from: { ...john, username: undefined }, text: "Hello" }).sender, "aliases")
  })

  it("in a group the group is the sender and the person is the author", () => {
    const { sender, author, address, id } = taken({ ...group, text: "Hello" })
    assert.deepStrictEqual(sender, { From: "telegram:-100123", provider: "telegram", chatType: "group" })
    assert.deepStrictEqual([author, address, id], ["telegram:42", "-100123", "-100123:8"])
  })

  it("a message of a basic group is one of a group", () => {
    const message = { ...group, chat: { id: -5, type: "group", title: "G" }, text: "Hello" }
    assert.strictEqual(taken(message).sender.chatType, "group")
  })

  it("an answer goes to the topic in which the question was asked", () => {
    const message = { ...group, message_thread_id: 3, is_topic_message: true, text: "Hello" }
    assert.strictEqual(taken(message).address, "-100123/3")
  })

  it("the thread of replies in a group without topics is no part of the address", () => {
    assert.strictEqual(taken({ ...group, message_thread_id: 3, text: "Hello" }).address, "-100123")
  })

  it("who speaks as a chat is that chat, and no account of anybody", () => {
    const admins = { id: 1087968824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" }
    const channels = { id: 136817688, is_bot: true, first_name: "Channel", username: "Channel_Bot" }
    const anonymous = taken({ ...group, from: admins, sender_chat: { id: -100123, type: "supergroup" }, text: "Hi" })
    const channel = taken({ ...group, from: channels, sender_chat: { id: -100999, type: "channel" }, text: "Hi" })
    assert.deepStrictEqual([anonymous.author, channel.author], ["telegram:-100123", "telegram:-100999"])
    for (const { author, sender } of [anonymous, channel]) {
      assertNone(parse("telegram", author.slice("telegram:".length)))
      assert.deepStrictEqual(sender, { From: "telegram:-100123", provider: "telegram", chatType: "group" })
    }
  })

  it.each([
    [777000, false],
    [136817688, true],
    [1087968824, true],
    [1087968824, false]
  ])("the account %d, which stands in for chats, is nobody by itself, a bot or not (%s)", (id, is_bot) => {
    const from = { id, is_bot, first_name: "Telegram", username: "GroupAnonymousBot" }
    skipped({ ...group, from, text: "Hi" }, "not from a person")
    skipped({ ...direct, from, chat: { id, type: "private" }, text: "Hi" }, "not from a person")
  })

  it("a post of the channel that is linked to a group is not for us, even if it mentions us", () => {
    const post = {
      ...group,
      from: { id: 777000, is_bot: false, first_name: "Telegram" },
      sender_chat: { id: -100999, type: "channel" },
      is_automatic_forward: true,
      text: "@warelay_bot News",
      entities: [{ type: "mention", offset: 0, length: 12 }]
    }
    skipped(post, "a post of the linked channel")
  })

  it("what was forwarded says so, by the old field of the Bot API as by the new one", () => {
    const user = { type: "hidden_user", sender_user_name: "Mallory", date: 1 }
    assert.deepStrictEqual(
      [{ forward_origin: user }, { forward_date: 1 }, {}].map(
        (more) => taken({ ...direct, ...more, text: "x" }).forwarded
      ),
      [true, true, undefined]
    )
  })

  it("a direct chat that is not that of its sender is nobody's", () => {
    skipped({ ...direct, chat: { id: 43, type: "private" }, text: "Hello" }, "not from a person")
  })

  it("a chat that speaks cannot claim a person's number", () => {
    skipped({ ...group, sender_chat: { id: 42, type: "channel" }, text: "Hi" }, "not in the form of a message")
  })

  it("who speaks as a chat in a direct chat is nobody we know", () => {
    skipped({ ...direct, sender_chat: { id: -100999, type: "channel" }, text: "Hi" }, "not from a person")
  })

  it("bots are not people", () => {
    skipped({ ...direct, from: { ...john, is_bot: true }, text: "Hello" }, "not from a person")
    skipped({ ...group, from: { ...john, is_bot: true }, text: "Hello" }, "not from a person")
  })

  it("nobody is not a person", () => {
    skipped({ ...direct, from: undefined, text: "Hello" }, "not from a person")
    skipped({ ...group, from: undefined, text: "Hello" }, "not from a person")
  })

  it("a post in a channel is not from a person", () => {
    skipped({ ...group, chat: { id: -100123, type: "channel" }, text: "Hello" }, "not from a person")
  })

  it("what nobody else in a group can see is not answered before all of them", () => {
    const command = { ...group, message_id: 0, ephemeral_message_id: 7, text: "/new@warelay_bot" }
    skipped(command, "seen by nobody else in its chat")
  })

  it("who writes to a channel is alone with it, and in no group", () => {
    const chat = { id: -100123, type: "supergroup", is_direct_messages: true }
    skipped({ ...group, chat, direct_messages_topic: { topic_id: 42 }, text: "Hi" }, "written to a channel")
  })

  it("edited messages and other updates are not new messages", () => {
    const update = { update_id: 1, edited_message: { ...direct, text: "Hello" } }
    assert.deepStrictEqual(read(bot, "all", TelegramAlbums.make(), update), new Skipped({ why: "not a new message" }))
  })

  it("a caption is what was written", () => {
    assert.strictEqual(taken({ ...direct, photo: [{}], caption: "Look" }).text, "Look")
    assert.strictEqual(taken({ ...group, photo: [{}], media_group_id: "1", caption: "Look" }).text, "Look")
  })

  it("what a caption belongs to is named, and nothing is where there are only words", () => {
    assert.strictEqual(taken({ ...direct, photo: [{}], caption: "Look" }).attached, "a photo")
    assert.strictEqual(taken({ ...group, document: {}, caption: "Look" }).attached, "a file")
    assert.strictEqual(taken({ ...direct, photo: [{}], media_group_id: "1", caption: "Look" }).attached, "an album")
    assert.notProperty(taken({ ...direct, photo: [{}] }), "attached")
    assert.notProperty(taken({ ...direct, text: "Look" }), "attached")
  })

  it.each([
    ["voice", {}, "a voice message"],
    ["photo", [], "a photo"],
    ["sticker", { emoji: "👍" }, "a sticker"],
    ["document", {}, "a file"],
    ["video_note", {}, "a video message"],
    ["rich_message", { blocks: [] }, "a formatted message"],
    ["checklist", {}, "a checklist"],
    ["paid_media", {}, "something to be paid for"],
    ["game", {}, "a game"]
  ])("in a direct chat a %s is named, so that it is not met with silence", (field, value, name) => {
    assert.strictEqual(taken({ ...direct, [field]: value }).text, `(Sent ${name}. Only text is passed on here.)`)
  })

  it("an animation is not taken for the file that comes with it, nor a venue for its location", () => {
    assert.include(taken({ ...direct, document: {}, animation: {} }).text, "an animation")
    assert.include(taken({ ...direct, location: {}, venue: {} }).text, "a place")
  })

  it("an album is named once, unless there are words in it, and again when it comes again", () => {
    const albums = TelegramAlbums.make()
    const texts = (parts: ReadonlyArray<object>) =>
      parts.map((part) => {
        const found = read(bot, "all", albums, { update_id: 1, message: { ...direct, photo: [], ...part } })
        return found instanceof Message ? found.text : found.why
      })
    const named = "(Sent an album. Only text is passed on here.)"
    const first = { message_id: 10, media_group_id: "1" }
    const second = { message_id: 11, media_group_id: "1" }
    assert.deepStrictEqual(texts([first, second, first]), [named, "no text", named])
    const words = { message_id: 20, media_group_id: "2", caption: "Look" }
    assert.deepStrictEqual(texts([words, { message_id: 21, media_group_id: "2" }]), ["Look", "no text"])
    for (let n = 0; n < 1_000; n++) texts([{ message_id: 30 + n, media_group_id: `other ${n}` }])
    assert.deepStrictEqual(texts([{ message_id: 22, media_group_id: "3" }]), [named])
  })

  it("a picture in a group, a part of an album there and a notice of the service say nothing", () => {
    skipped({ ...group, photo: [] }, "no text")
    skipped({ ...group, photo: [], media_group_id: "1" }, "no text")
    skipped({ ...direct, pinned_message: {} }, "no text")
  })

  it("a command that names this bot is the command", () => {
    assert.strictEqual(taken({ ...group, text: "/new@Warelay_Bot start over" }).text, "/new start over")
    assert.strictEqual(taken({ ...group, text: "/new@warelay_bot" }).text, "/new")
    assert.strictEqual(taken({ ...group, text: "/new\nstart over" }).text, "/new\nstart over")
  })

  it("a command that names another bot is not for us", () => {
    skipped({ ...group, text: "/new@other_bot start over" }, "a command for another bot")
  })

  it("what only resembles a command is left alone", () => {
    for (const text of ["/new@warelay_bot.", "say /new@other_bot", "/@other_bot", "john@warelay_bot", "/a@é"]) {
      assert.strictEqual(taken({ ...group, text }).text, text)
    }
  })

  describe("in a group where only what is meant for the bot is answered", () => {
    const readMentioned = (message: object) =>
      read(bot, "mentioned", TelegramAlbums.make(), { update_id: 1, message: { ...group, ...message } })
    const textOf = (message: object): string => {
      const result = readMentioned(message)
      return result instanceof Message ? result.text : `(${result.why})`
    }
    const mention = (offset: number, length = 12) => ({ type: "mention", offset, length })
    const ours = { message_id: 5, from: { id: bot.id, is_bot: true, first_name: "Relay" }, chat: group.chat }

    it("a message that mentions nobody is not for it", () => {
      assert.strictEqual(textOf({ text: "Hello" }), "(not for us)")
    })

    it("a mention is for it, whatever its capitals, and is no part of the text", () => {
      assert.strictEqual(textOf({ text: "@warelay_bot Hello", entities: [mention(0)] }), "Hello")
      assert.strictEqual(textOf({ text: "Hello @Warelay_Bot, you", entities: [mention(6)] }), "Hello, you")
      const twice = "@warelay_bot 👋 Hello @warelay_bot"
      assert.strictEqual(textOf({ text: twice, entities: [mention(0), mention(22)] }), "👋 Hello")
    })

    it("a mention of somebody else is not for it, nor is its name in a text that is none", () => {
      assert.strictEqual(textOf({ text: "@warelay_cat Hello", entities: [mention(0)] }), "(not for us)")
      assert.strictEqual(textOf({ text: "@warelay_bots Hello", entities: [mention(0, 13)] }), "(not for us)")
      const code = [{ type: "code", offset: 0, length: 12 }]
      assert.strictEqual(textOf({ text: "@warelay_bot Hello", entities: code }), "(not for us)")
    })

    it("a mention without a name is for it if it is of its account", () => {
      const named = (id: number) => [{ type: "text_mention", offset: 0, length: 5, user: { id } }]
      assert.strictEqual(textOf({ text: "Relay Hello", entities: named(bot.id) }), "Relay Hello")
      assert.strictEqual(textOf({ text: "Relay Hello", entities: named(42) }), "(not for us)")
    })

    it("a mention in a caption is for it", () => {
      const photo = { photo: [{}], caption: "Look @warelay_bot", caption_entities: [mention(5)] }
      assert.strictEqual(textOf(photo), "Look")
    })

    it("a reply to it is for it, and one to another is not", () => {
      assert.strictEqual(textOf({ text: "Why?", reply_to_message: ours }), "Why?")
      assert.strictEqual(textOf({ text: "Why?", reply_to_message: { ...ours, from: john } }), "(not for us)")
    })

    it("what is written in a topic that it opened is not yet a reply to it", () => {
      const topic = { message_thread_id: 5, is_topic_message: true }
      assert.strictEqual(textOf({ text: "Why?", ...topic, reply_to_message: ours }), "(not for us)")
      assert.strictEqual(textOf({ text: "Why?", ...topic, reply_to_message: { ...ours, message_id: 6 } }), "Why?")
    })

    it("a command that names it is for it, and one that names nobody or another is not", () => {
      assert.strictEqual(textOf({ text: "/new@warelay_bot" }), "/new")
      assert.strictEqual(textOf({ text: "@warelay_bot /new", entities: [mention(0)] }), "/new")
      assert.strictEqual(textOf({ text: "/new" }), "(not for us)")
      const both = { text: "@warelay_bot /new@other_bot", entities: [mention(0)] }
      assert.strictEqual(textOf(both), "(a command for another bot)")
    })

    it("a mention and nothing else says nothing", () => {
      assert.strictEqual(textOf({ text: " @warelay_bot ", entities: [mention(1)] }), "(no text)")
    })

    it("entities of a form that we do not know mention nobody", () => {
      for (const entities of ["all", [{ type: "mention" }], [mention(-1)], [mention(1e9)]]) {
        assert.strictEqual(textOf({ text: "@warelay_bot Hello", entities }), "(not for us)")
      }
    })

    it("a direct message needs no mention", () => {
      const result = read(bot, "mentioned", TelegramAlbums.make(), {
        update_id: 1,
        message: { ...direct, text: "Hello" }
      })
      assert.instanceOf(result, Message)
    })
  })

  it("a mention is no part of the text where everything is answered, either", () => {
    const entities = [{ type: "mention", offset: 0, length: 12 }]
    assert.strictEqual(taken({ ...group, text: "@warelay_bot Hello", entities }).text, "Hello")
    skipped({ ...group, text: "@warelay_bot", entities }, "no text")
  })

  it.each([
    null,
    "text",
    [],
    {},
    { ...direct, text: 5 },
    { ...direct, chat: { id: 42 }, text: "Hello" },
    { ...direct, chat: { id: 42, type: "cinema" }, text: "Hello" },
    { ...direct, from: { ...john, id: -42 }, text: "Hello" },
    { ...direct, from: { ...john, id: 2 ** 60 }, text: "Hello" }
  ])("%j is skipped without a word of it in the reason", (message) => {
    skipped(message, "not in the form of a message")
  })

  it.prop("whatever is in an update, reading it does not throw", [FastCheck.anything()], ([message]) => {
    assert.isTrue([Message, Skipped].some((outcome) => readMessage(message) instanceof outcome))
  })
})
