import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Channel } from "../../channels/Channel.js"
import type { Message, Sealed } from "../../channels/Message.js"
import type { End } from "../../identity/proof/End.js"
import type { ProofError, Proofs } from "../../identity/proof/Proofs.js"
import type { ProviderDetector } from "../../session/ProviderDetector.js"
import { isGroup } from "../../session/SenderContext.js"
import type { Scope } from "../../session/SessionSettings.js"
import { nameOf } from "../InboxContents.js"
import { bug, logLine, who } from "../LogLine.js"
import type { ChatSettings } from "./ChatSettings.js"
import { Command, readCommand } from "./Command.js"
import { type Setting, share } from "./Phrases.js"
import { labels } from "./Veiled.js"
import { endOf } from "./Vouched.js"
import * as Wording from "./Wording.js"

/** What the relay answers itself. */
export interface Reply {
  readonly text: string
  /** Whether there is a code or a word in it, so that it is not kept: who has to send it again makes another. */
  readonly secret: boolean
}

interface Needs {
  readonly proofs: Proofs["Type"]
  readonly detector: ProviderDetector["Type"]
  readonly commands: ChatSettings
  readonly scope: Scope
  readonly channels: ReadonlyArray<Channel>
  /** What begins a new conversation. */
  readonly resets: ReadonlyArray<string>
}

const open = (text: string): Reply => ({ text, secret: false })

/** In a group a command is nothing: it is not answered, by Claude neither. */
export const isIgnored = (commands: ChatSettings, { sender, text }: Message): boolean =>
  isGroup(sender) && Option.isSome(readCommand(commands, text))

/** The reply to what is meant for the relay itself; none for what is meant for Claude. */
export const make = ({ channels, commands, detector, proofs, resets, scope }: Needs) => {
  /** Whoever is linked with whom: there is one conversation. */
  const isShared = scope === "global"

  const places = Effect.forEach(channels, ({ contact = Effect.succeedNone, name }) =>
    Effect.map(
      contact,
      Option.getOrElse(() => (name === "console" ? "on the console" : labels[name]))
    )
  )

  const help = open(Wording.help(isShared ? { ...commands, link: false, unlink: false } : commands, resets))

  const unsealed = (seal: Sealed, end: End, message: Message, setting: Setting) =>
    Effect.gen(function* () {
      if (seal.hash === undefined) return open(Wording.trouble)
      const name = nameOf(message)
      if (seal.purpose === "word") {
        // A no, for example: whoever says more than he was asked may not mean it.
        if (seal.more !== undefined && seal.more !== share) return open(Wording.unclear)
        const confirmed = yield* proofs.confirm(end, seal.hash, seal.more === share, name)
        return open(Wording.confirmed(setting)(confirmed))
      }
      const presented = yield* proofs.present(end, seal.hash, name)
      const secret = presented._tag === "Confirm" || presented._tag === "Given"
      return { text: Wording.presented(setting)(presented), secret }
    })

  const done = (command: Command, end: End, message: Message, setting: Setting): Effect.Effect<Reply, ProofError> =>
    Command.$match(command, {
      Link: () =>
        Effect.map(proofs.ask(end, nameOf(message)), (asked) => ({
          text: Wording.asked(setting)(asked),
          secret: asked._tag === "Given"
        })),
      Send: () => Effect.succeed(open(Wording.misspelt(setting))),
      Unlink: () =>
        Effect.map(proofs.part(end), (parting) => ({
          text: Wording.parting(setting)(parting),
          secret: parting._tag === "Confirm"
        })),
      Whoami: () =>
        isShared
          ? Effect.succeed(open(Wording.whoamiShared(setting)))
          : Effect.map(proofs.belongs(end), (mapping) => open(Wording.whoami(setting, mapping))),
      Help: () => Effect.succeed(help)
    })

  const answered = (message: Message, asked: Command | Sealed): Effect.Effect<Reply, ProofError> =>
    Effect.gen(function* () {
      const command = "_tag" in asked ? asked : undefined
      if (command?._tag === "Help") return help
      if (isShared && command?._tag !== "Whoami") return open(Wording.shared)
      if (message.forwarded === true && command?._tag !== "Whoami") return open(Wording.forwarded)
      const end = Option.getOrUndefined(endOf(detector, message))
      if (end === undefined) return open(Wording.noAccount)
      // Nobody is asked for them in vain.
      const passesOn = "_tag" in asked ? asked._tag === "Link" : asked.purpose === "code"
      const found = passesOn ? yield* places : []
      const setting = { commands, now: yield* Clock.currentTimeMillis, to: end, places: found }
      return yield* "_tag" in asked ? done(asked, end, message, setting) : unsealed(asked, end, message, setting)
    })

  return (message: Message): Effect.Effect<Option.Option<Reply>> => {
    const { sealed, text } = message
    if (sealed !== undefined && !commands.enabled) return Effect.succeedSome(open(Wording.switchedOff))
    const asked = sealed ?? Option.getOrUndefined(readCommand(commands, text))
    if (isGroup(message.sender) || asked === undefined) return Effect.succeedNone
    return answered(message, asked).pipe(
      Effect.catchAll((error) =>
        Effect.as(Effect.logError(`${who(message)}: ${logLine(error.message)}`), open(Wording.trouble))
      ),
      Effect.catchAllDefect((defect) =>
        Effect.as(Effect.logError(`${who(message)}: a bug (${bug(defect)})`), open(Wording.trouble))
      ),
      Effect.asSome
    )
  }
}
