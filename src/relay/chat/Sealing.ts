import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Message, type Sealed } from "../../channels/Message.js"
import { wordIn } from "../../identity/proof/CodeForm.js"
import type { Proofs } from "../../identity/proof/Proofs.js"
import type { ProviderDetector } from "../../session/ProviderDetector.js"
import { isGroup } from "../../session/SenderContext.js"
import { logLine, who } from "../LogLine.js"
import type { ChatSettings } from "./ChatSettings.js"
import { readCommand } from "./Command.js"
import { endOf } from "./Vouched.js"

interface Needs {
  readonly proofs: Pick<Proofs["Type"], "expects" | "hash">
  readonly detector: ProviderDetector["Type"]
  readonly commands: ChatSettings
}

/**
 * Puts a keyed hash in the place of the code or the word that a message is, before it is kept. A word is one only where
 * somebody waits for it; elsewhere it is a text like any other.
 */
export const sealing = ({ commands, detector, proofs }: Needs) => {
  const orElse =
    <A>(message: Message, otherwise: A) =>
    <B, E extends { readonly message: string }>(effect: Effect.Effect<B, E>): Effect.Effect<A | B> =>
      Effect.catchAll(effect, (error) =>
        Effect.as(Effect.logError(`${who(message)}: ${logLine(error.message)}`), otherwise)
      )

  const sealed = (message: Message, secret: string, seal: Sealed): Effect.Effect<Message> =>
    Effect.map(
      // Without its hash it comes to nothing, and is still not kept.
      orElse(message, undefined)(proofs.hash(seal.purpose, secret)),
      (hash) => new Message({ ...message, text: "", sealed: hash === undefined ? seal : { ...seal, hash } })
    )

  const isExpected = (message: Message): Effect.Effect<boolean> =>
    Option.match(endOf(detector, message), {
      onNone: () => Effect.succeed(false),
      onSome: (end) => orElse(message, false)(proofs.expects(end))
    })

  return (message: Message): Effect.Effect<Message> =>
    Effect.gen(function* () {
      if (isGroup(message.sender)) return message
      const command = Option.getOrUndefined(readCommand(commands, message.text))
      if (command?._tag === "Send" && Option.isSome(command.code)) {
        return yield* sealed(message, command.code.value, { purpose: "code" })
      }
      const said = commands.enabled ? Option.getOrUndefined(wordIn(message.text)) : undefined
      if (said === undefined || !(yield* isExpected(message))) return message
      const more = Option.match(said.more, { onNone: () => ({}), onSome: (more) => ({ more }) })
      return yield* sealed(message, said.word, { purpose: "word", ...more })
    })
}
