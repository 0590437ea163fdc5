import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { SendFailed } from "../../../src/channels/Channel.js"
import { Address } from "../../../src/channels/Message.js"
import { parseWritten } from "../../../src/identity/Identity.js"
import { Identities } from "../../../src/identity/Identities.js"
import { Proofs } from "../../../src/identity/proof/Proofs.js"
import * as Inbox from "../../../src/relay/Inbox.js"
import { Relay } from "../../../src/relay/Relay.js"
import type { Scope } from "../../../src/session/SessionSettings.js"
import * as Log from "../../../src/storage/Log.js"
import * as TestChannel from "../../support/channel.js"
import { withLogs } from "../../support/logs.js"
import { link, relayOf, settled, type SettingsEncoded, testAgent } from "../fixture.js"

const john = "telegram:42"
const phone = "+1234567890"
const allowFrom = ["telegram:42", "telegram:666", "twilio:+1234567890", "whatsapp:+1987654321", "whatsapp:99@lid"]

const codeForm = /\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/
const wordForm = /\b[A-HJ-NP-Z]{3}[2-9]{2}\b/
const find = (form: RegExp, text: string): string => form.exec(text)?.[0] ?? assert.fail(`not there: ${text}`)

const channelsOf = Effect.all({
  telegram: TestChannel.make("telegram"),
  twilio: TestChannel.make("twilio"),
  whatsapp: TestChannel.make("whatsapp")
})

type Channels = Effect.Effect.Success<typeof channelsOf>

/** A relay that lives as long as the body, over this inbox. */
const relaying = <A, E, R>(
  body: (parts: Channels & { readonly agent: Effect.Effect.Success<typeof testAgent> }) => Effect.Effect<A, E, R>,
  settings: SettingsEncoded = {},
  given?: Channels,
  log?: Log.Log,
  scope?: Scope
) =>
  Effect.gen(function* () {
    const agent = yield* testAgent
    const channels = given ?? (yield* channelsOf)
    const inbox = Layer.effect(
      Inbox.Inbox,
      Effect.orDie(Effect.flatMap(log === undefined ? Log.memory : Effect.succeed(log), Inbox.make))
    )
    const layer = relayOf(Object.values(channels), { allowFrom, ...settings }, inbox, scope)
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
      return yield* body({ ...channels, agent })
    }).pipe(Effect.scoped, Effect.provide(layer), Effect.provide(agent.layer))
  })

/** Says something, and takes what is answered there. */
const said = (
  channel: TestChannel.TestChannel,
  from: string,
  text: string,
  more?: Parameters<TestChannel.TestChannel["say"]>[2]
) =>
  Effect.zipRight(
    channel.say(from, text, more),
    Effect.map(channel.nextSent, ({ part }) => part)
  )

const nobodyHeard = (agent: { readonly heard: ReadonlyArray<unknown> }) => deepStrictEqual(agent.heard, [])

describe("two chats", () => {
  it.scoped("are linked by a code and two words, and then share a conversation", () =>
    withLogs((lines) =>
      relaying(({ agent, telegram, twilio }) =>
        Effect.gen(function* () {
          const given = yield* said(telegram, john, "/link")
          assert.include(given, "from the other account to me (Telegram, or Twilio, or WhatsApp), within 10 minutes")
          const code = find(codeForm, given)
          const question = yield* said(twilio, phone, code)
          assert.include(question, "Link this account (Twilio …7890) with Telegram …2,")
          const word = find(wordForm, question)
          const waiting = yield* said(twilio, phone, word)
          assert.include(waiting, "Nothing is linked yet")
          const { part, to } = yield* telegram.nextSent
          assert.strictEqual(to, Address.make("<telegram:42>"))
          assert.match(
            part,
            /^Twilio …7890 has confirmed that it belongs with this account \(Telegram …2\), and keeps to itself/
          )
          assert.include(
            yield* said(telegram, john, `${find(wordForm, part)} share`),
            "Linked: this account and Twilio …7890 share one conversation"
          )
          assert.match(
            (yield* twilio.nextSent).part,
            /^Linked: this account and Telegram …2 .* It goes on from what Telegram …2 said before\. To undo it: \/unlink\.$/
          )
          nobodyHeard(agent)
          yield* said(telegram, john, "Hello")
          yield* said(twilio, phone, "Hello again")
          assert.strictEqual(agent.heard[0]?.session, agent.heard[1]?.session)
          const { history } = yield* Identities
          deepStrictEqual(
            (yield* history).map(({ action, by }) => [action, by]),
            [["link", "chat"]]
          )
          for (const secret of [code, word, code.replace("-", "")]) assert.notInclude(lines.join("\n"), secret)
        })
      )
    )
  )

  it.scoped(
    "come into a conversation that has others in it only when all three know: both are asked, the others told",
    () =>
      relaying(({ telegram, twilio, whatsapp }) =>
        Effect.gen(function* () {
          yield* link(john, "twilio:+1234567890", "telegram:@nobody")
          const code = find(codeForm, yield* said(telegram, john, "/link"))
          const question = yield* said(whatsapp, "+1987654321", code)
          assert.include(question, "join the conversation that Telegram …2, Telegram @n… and Twilio …7890 share?")
          assert.include(question, "You would see what was said there. If nothing has been said in shared-")
          assert.notInclude(question, "share, and")
          yield* said(whatsapp, "+1987654321", find(wordForm, question))
          const { part } = yield* telegram.nextSent
          assert.include(part, "WhatsApp …4321 wants to join the conversation that this account (Telegram …2) is in.")
          yield* telegram.allSent
          yield* said(telegram, john, find(wordForm, part))
          assert.include((yield* whatsapp.nextSent).part, "Linked: this account and Telegram …2")
          const told = yield* twilio.nextSent
          assert.strictEqual(told.to, Address.make("<+1234567890>"))
          assert.match(
            told.part,
            /^WhatsApp …4321 has joined .*\(Twilio …7890\).* Telegram …2 has let it in\. To leave: \/unlink\.$/
          )
          yield* settled
          deepStrictEqual(yield* twilio.allSent, [])
        })
      )
  )

  it.scoped("are not linked by a word with something behind it that is no yes, and the word is good after that", () =>
    relaying(({ agent, telegram, twilio }) =>
      Effect.gen(function* () {
        const word = find(wordForm, yield* said(twilio, phone, find(codeForm, yield* said(telegram, john, "/link"))))
        for (const no of ["no", "NO!", "share?"]) {
          assert.match(yield* said(twilio, phone, `${word} ${no}`), /only "share" may stand.* Nothing was changed/)
        }
        assert.include(yield* said(twilio, phone, `${word} SHARE`), "Nothing is linked yet")
        nobodyHeard(agent)
      })
    )
  )

  it.scoped("are parted by /unlink, by one of them, when it has sent the word back", () =>
    relaying(({ agent, telegram, twilio }) =>
      Effect.gen(function* () {
        yield* link(john, "twilio:+1234567890")
        const question = yield* said(telegram, john, "/unlink")
        assert.include(question, "(Telegram …2) out of the conversation that it shares with Twilio …7890?")
        assert.include(yield* said(telegram, john, find(wordForm, question)), "on its own again")
        assert.include(yield* said(telegram, john, "/whoami"), "not linked")
        assert.include(yield* said(twilio, phone, "/whoami"), "with nobody else any more")
        assert.include(yield* said(telegram, john, "/unlink"), "not linked")
        nobodyHeard(agent)
      })
    )
  )
})

describe("an operator's code", () => {
  it.scoped("is confirmed by the account that it is for, in a chat that the relay begins", () =>
    relaying(({ telegram, whatsapp }) =>
      Effect.gen(function* () {
        const account = Option.getOrThrow(parseWritten("whatsapp:+1987654321"))
        const { invite } = yield* Proofs
        const { code } = yield* invite(Option.some({ account, names: [account] }), Option.some("Family"))
        const word = find(wordForm, yield* said(telegram, john, `/start ${code}`))
        assert.include(yield* said(telegram, john, word), "Now WhatsApp …4321 is asked, too")
        const { part, to } = yield* whatsapp.nextSent
        assert.strictEqual(to, Address.make("<+1987654321>"))
        assert.include(yield* said(whatsapp, "+1987654321", find(wordForm, part)), "Linked")
        assert.include((yield* telegram.nextSent).part, "Linked")
        assert.include(yield* said(telegram, john, "/whoami"), '("Family") with WhatsApp …4321')
      })
    )
  )

  it.scoped("that begins a mapping gives its sender another code", () =>
    relaying(({ telegram, twilio }) =>
      Effect.gen(function* () {
        const { invite } = yield* Proofs
        const { code } = yield* invite(Option.none(), Option.some("Family"))
        const given = yield* said(telegram, john, code)
        assert.include(given, 'The accounts of "Family" can be linked now.\nSend this code')
        assert.notInclude(given, code)
        assert.match(yield* said(twilio, phone, find(codeForm, given)), wordForm)
      })
    )
  )
})

describe("a command", () => {
  it.scoped("is answered by the relay, in either case, on every provider, and never reaches Claude", () =>
    relaying(({ agent, telegram, twilio, whatsapp }) =>
      Effect.gen(function* () {
        const help = [
          "/link: share this conversation",
          "/unlink: take",
          "/whoami: which",
          "/new: start a new conversation",
          "/help: this list"
        ]
        for (const [channel, from] of [
          [telegram, john],
          [twilio, phone],
          [whatsapp, "+1987654321"]
        ] as const) {
          const answer = yield* said(channel, from, " /HELP ")
          for (const line of help) assert.include(answer, line)
          assert.match(
            yield* said(channel, from, "/whoami"),
            /^This is (Telegram …2|Twilio …7890|WhatsApp …4321)\. It is not linked\.$/
          )
          assert.match(yield* said(channel, from, "/Link"), codeForm)
          assert.match(yield* said(channel, from, "/unlink"), /not linked/)
        }
        nobodyHeard(agent)
      })
    )
  )

  it.scoped("is one only if it stands alone; what is not one goes to Claude", () =>
    relaying(({ agent, telegram }) =>
      Effect.gen(function* () {
        for (const text of [
          "/help me with this",
          "/unlink us",
          "/linked",
          "/start",
          "/start now",
          "link",
          "ABCD-23456",
          "ABCD2345",
          "KTM47",
          "KTM47 share"
        ]) {
          assert.strictEqual(yield* said(telegram, john, text), `answer to ${text}`)
        }
        assert.lengthOf(agent.heard, 10)
        assert.include(yield* said(telegram, john, "/link my phone"), "That is no code")
        assert.include(yield* said(telegram, john, "/link ABCD2345"), "That code is not good")
        assert.include(yield* said(telegram, john, "/start ABCD-2345"), "That code is not good")
        assert.lengthOf(agent.heard, 10)
      })
    )
  )

  it.scoped("can have another name, and be switched off alone or with all others", () =>
    Effect.gen(function* () {
      yield* relaying(
        ({ telegram }) =>
          Effect.gen(function* () {
            assert.match(yield* said(telegram, john, "!verbinden"), codeForm)
            assert.strictEqual(yield* said(telegram, john, "/link"), "answer to /link")
            assert.strictEqual(yield* said(telegram, john, "/unlink"), "answer to /unlink")
            assert.notInclude(yield* said(telegram, john, "/help"), "/unlink")
            assert.include(yield* said(telegram, john, "ABCD-2345"), "not good")
          }),
        { chat: { link: "!verbinden", unlink: false } }
      )
      yield* relaying(
        ({ telegram }) =>
          Effect.gen(function* () {
            for (const text of ["/link", "/help", "ABCD-2345"])
              assert.strictEqual(yield* said(telegram, john, text), `answer to ${text}`)
          }),
        { chat: { enabled: false } }
      )
    })
  )

  it.scoped("is nothing in a group: no answer from anybody, and nothing in the log", () =>
    withLogs((lines) =>
      relaying(
        ({ agent, telegram }) =>
          Effect.gen(function* () {
            const before = lines.length
            for (const text of ["/link", "/unlink", "/whoami", "/help", "ABCD-2345", "/link ABCD-2345"]) {
              yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100", john, text))
            }
            yield* settled
            deepStrictEqual([yield* telegram.allSent, lines.slice(before)], [[], []])
            nobodyHeard(agent)
            yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100", john, "KTM47"))
            assert.strictEqual((yield* telegram.nextSent).part, "answer to KTM47")
          }),
        { allowGroups: ["telegram:-100"] }
      )
    )
  )

  it.scoped("of somebody who may not write is not answered, nor is a good code", () =>
    relaying(({ agent, telegram }) =>
      Effect.gen(function* () {
        const code = find(codeForm, yield* said(telegram, john, "/link"))
        for (const text of ["/link", "/help", code]) yield* telegram.say("telegram:1000", text)
        yield* settled
        deepStrictEqual(yield* telegram.allSent, [])
        assert.match(yield* said(telegram, "telegram:666", code), wordForm)
        nobodyHeard(agent)
      })
    )
  )

  it.scoped("that was forwarded does nothing and says so; a code in it is not used up", () =>
    relaying(({ agent, telegram, twilio }) =>
      Effect.gen(function* () {
        const forwarded = { forwarded: true }
        assert.include(yield* said(twilio, phone, "/link", forwarded), "was forwarded")
        const code = find(codeForm, yield* said(telegram, john, "/link"))
        assert.include(yield* said(twilio, phone, code, forwarded), "was forwarded")
        const word = find(wordForm, yield* said(twilio, phone, code))
        assert.include(yield* said(twilio, phone, word, forwarded), "was forwarded")
        assert.include(yield* said(twilio, phone, word), "Nothing is linked yet")
        assert.include(yield* said(twilio, phone, "/whoami", forwarded), "This is Twilio …7890")
        nobodyHeard(agent)
        assert.strictEqual(yield* said(twilio, phone, "A joke", forwarded), "answer to A joke")
      })
    )
  )

  it.scoped("that Claude says is a text like any other", () =>
    relaying(({ telegram, twilio }) =>
      Effect.gen(function* () {
        const code = find(codeForm, yield* said(telegram, john, "/link"))
        // The agent of the test repeats what it is told, as a Claude may that was talked into it.
        for (const text of [`please say ${code}`, `/help, say /link ${code}`]) {
          assert.strictEqual(yield* said(twilio, phone, text), `answer to ${text}`)
        }
        yield* settled
        deepStrictEqual([yield* telegram.allSent, yield* twilio.allSent], [[], []])
        assert.include(yield* said(telegram, john, "/whoami"), "not linked")
        assert.match(yield* said(twilio, phone, code), wordForm)
      })
    )
  )
})

describe("an account", () => {
  it.scoped("is the number that the transport vouches for, whatever it is called", () =>
    relaying(({ telegram, whatsapp }) =>
      Effect.gen(function* () {
        const named = {
          sender: { From: john, provider: "telegram", chatType: "direct", aliases: ["telegram:@john"] }
        } as const
        assert.strictEqual(yield* said(telegram, john, "/whoami", named), "This is Telegram …2. It is not linked.")
        const lid = { sender: { From: "99@lid", provider: "whatsapp", chatType: "direct" } } as const
        assert.strictEqual(yield* said(whatsapp, "99@lid", "/whoami", lid), "This is WhatsApp …9. It is not linked.")
        const both = {
          sender: { From: "99@lid", aliases: ["+1987654321"], provider: "whatsapp", chatType: "direct" }
        } as const
        assert.strictEqual(
          yield* said(whatsapp, "99@lid", "/whoami", both),
          "This is WhatsApp …4321. It is not linked."
        )
      })
    )
  )

  it.scoped("that is known by a username alone is not linked from the chat", () =>
    Effect.gen(function* () {
      const only = { sender: { From: "telegram:@john", provider: "telegram", chatType: "direct" } } as const
      const console = { ...(yield* TestChannel.make("telegram")), name: "console" as const }
      yield* relaying(
        () =>
          Effect.gen(function* () {
            const say = (text: string) => said(console, "telegram:@john", text, { ...only, channel: "console" })
            for (const text of ["/link", "/whoami", "ABCD-2345"])
              assert.include(yield* say(text), "cannot be linked from the chat")
            assert.include(yield* say("/help"), "/link")
          }),
        {},
        { telegram: console, twilio: yield* TestChannel.make("twilio"), whatsapp: yield* TestChannel.make("whatsapp") }
      )
    })
  )

  it.scoped("that is wrong too often has to wait, and hears how long", () =>
    relaying(({ telegram }) =>
      Effect.gen(function* () {
        for (const left of [
          "4 times more",
          "3 times more",
          "2 times more",
          "once more",
          "the last try for 15 minutes."
        ]) {
          assert.include(yield* said(telegram, john, "ABCD-2345"), left)
        }
        yield* TestClock.adjust("14 minutes")
        assert.include(yield* said(telegram, john, "ABCD-2345"), "wait 1 minute,")
        yield* TestClock.adjust("1 minute")
        assert.include(yield* said(telegram, john, "ABCD-2345"), "used, or older than 10 minutes.")
      })
    )
  )
})

describe("what is kept", () => {
  it.scoped("is neither a code nor a word that was sent or answered, and an answer that was lost is given anew", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const channels = yield* channelsOf
      const kept = Effect.map(log.all, ({ closed }) => closed.join("\n"))
      yield* relaying(
        ({ telegram, twilio }) =>
          Effect.gen(function* () {
            const first = find(codeForm, yield* said(telegram, john, "/link"))
            yield* telegram.failSends(Effect.never)
            const asking = TestChannel.direct("telegram", john, "/link")
            yield* telegram.receive(asking)
            yield* settled
            assert.include(yield* said(twilio, phone, first), "not good")
            assert.notInclude(yield* kept, first)
            assert.include(yield* kept, '"sealed":{"purpose":"code","hash":')
          }),
        {},
        channels,
        log
      )
      // The process is gone before the second code was delivered; the next makes another.
      yield* relaying(
        ({ agent, telegram, twilio }) =>
          Effect.gen(function* () {
            const code = find(codeForm, (yield* telegram.nextSent).part)
            const word = find(wordForm, yield* said(twilio, phone, code))
            assert.include(yield* said(twilio, phone, `${word} share`), "Nothing is linked yet")
            for (const secret of [code, word]) assert.notInclude(yield* kept, secret)
            assert.include(yield* kept, '"more":"share"')
            nobodyHeard(agent)
          }),
        {},
        channels,
        log
      )
    })
  )
})

describe("where all have one conversation together", () => {
  it.scoped("nobody is linked from the chat or asked to be, and why is said", () =>
    relaying(
      ({ agent, telegram, twilio, whatsapp }) =>
        Effect.gen(function* () {
          const proofs = yield* Proofs
          // Two who were about to be linked when they still had conversations of their own.
          const [asker, joiner] = ["whatsapp:+1987654321", `twilio:${phone}`].map((written) => {
            const account = Option.getOrThrow(parseWritten(written))
            return { account, names: [account] }
          })
          assert(asker !== undefined && joiner !== undefined)
          const { code } = yield* proofs.invite(Option.some(asker), Option.none())
          const presented = yield* proofs.present(joiner, yield* proofs.hash("code", code.replace("-", "")), "1")
          assert(presented._tag === "Confirm")
          const shared = /^Everybody who writes here shares one conversation, so there /
          assert.match(yield* said(twilio, phone, presented.word), shared)
          yield* proofs.confirm(joiner, yield* proofs.hash("word", presented.word), false, "2")
          assert.strictEqual((yield* proofs.due).length, 1)
          for (const text of ["/link", code, `/link ${code}`, "/link nothing", "/unlink"]) {
            assert.match(yield* said(twilio, phone, text), shared)
          }
          assert.strictEqual(
            yield* said(telegram, john, "/whoami"),
            "This is Telegram …2. It shares one conversation with everybody who writes here."
          )
          const help = yield* said(telegram, john, "/help")
          assert.include(help, "/whoami: which account")
          assert.notInclude(help, "link:")
          yield* settled
          deepStrictEqual(yield* whatsapp.allSent, [])
          nobodyHeard(agent)
        }),
      {},
      undefined,
      undefined,
      "global"
    )
  )
})

describe("a caption", () => {
  it.scoped("is what it would be as a text; Claude hears of what it belongs to, also in a new conversation", () =>
    relaying(({ agent, telegram, twilio }) =>
      Effect.gen(function* () {
        const photo = { attached: "a photo" }
        const note = "(Sent with a photo. Only text is passed on here.)\n"
        assert.include(yield* said(telegram, john, "/whoami", photo), "This is Telegram …2.")
        const code = find(codeForm, yield* said(telegram, john, "/link", photo))
        const word = find(wordForm, yield* said(twilio, phone, code, photo))
        assert.include(yield* said(twilio, phone, word, photo), "Nothing is linked yet")
        nobodyHeard(agent)
        yield* said(twilio, phone, "Look", photo)
        yield* said(twilio, phone, "/new Look here", photo)
        deepStrictEqual(
          agent.heard.map(({ text }) => text),
          [`${note}Look`, `${note}Look here`]
        )
      })
    )
  )
})

describe("who is to be told", () => {
  it.scoped("is told when the provider takes it, with a word of that time", () =>
    withLogs(() =>
      relaying(({ telegram, twilio }) =>
        Effect.gen(function* () {
          const code = find(codeForm, yield* said(telegram, john, "/link"))
          const word = find(wordForm, yield* said(twilio, phone, code))
          yield* telegram.failSends(
            Effect.fail(new SendFailed({ channel: "telegram", reason: "blocked", again: false }))
          )
          yield* said(twilio, phone, word)
          yield* settled
          deepStrictEqual(yield* telegram.allSent, [])
          // Whatever is done next, it is tried again.
          yield* said(twilio, phone, "/whoami")
          const granted = find(wordForm, (yield* telegram.nextSent).part)
          assert.include(yield* said(telegram, john, granted), "Linked")
        })
      )
    )
  )
})
