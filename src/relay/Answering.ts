import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { prompt } from "../agent/Prompt.js"
import type { TurnError, Turns } from "../agent/Turns.js"
import type { Channel } from "../channels/Channel.js"
import type { Message } from "../channels/Message.js"
import type { Speaker } from "./Allowlist.js"
import { bug, logLine, who } from "./LogLine.js"

/** Providers show "typing" for five seconds or more. */
const typingLasts = Duration.seconds(4)

const troubleWithFiles =
  "I cannot get at our conversation right now: something is wrong where this relay keeps its files. Please try again later."

const troubleInside = "Something went wrong on my side. Please try again later."

const forSender = (error: TurnError): string => ("forSender" in error ? error.forSender : troubleWithFiles)

/** Shows that an answer is being written, for as long as the scope is open. */
const showTyping = (channel: Channel, { address }: Message) =>
  Effect.forkScoped(Effect.forever(Effect.zipRight(channel.typing(address), Effect.sleep(typingLasts))))

export interface Answer {
  readonly text: string
  /** Whether it is what was asked for, and not an apology. */
  readonly given: boolean
}

const apology = (text: string): Answer => ({ text, given: false })

/** What to answer to a message. Where there is no answer, it is a sentence that says so, and the log says why. */
export const answer = (
  turns: Turns["Type"],
  channel: Channel,
  speaker: Speaker,
  message: Message
): Effect.Effect<Answer> =>
  Effect.gen(function* () {
    yield* showTyping(channel, message)
    const { text } = yield* turns.run({
      sender: message.sender,
      text: message.text,
      prompt: (text) => prompt({ ...speaker, text, attached: message.attached }),
      session: Option.none()
    })
    return { text, given: true }
  }).pipe(
    Effect.catchAll((error) =>
      Effect.as(Effect.logError(`no answer to ${who(message)}: ${logLine(error.message)}`), apology(forSender(error)))
    ),
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError(`no answer to ${who(message)}: a bug (${bug(defect)})`), apology(troubleInside))
    ),
    Effect.scoped
  )
