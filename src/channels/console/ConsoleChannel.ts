import type { Readable, Writable } from "node:stream"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { printable, printableLines } from "../../config/Printable.js"
import type { Identity } from "../../identity/Identity.js"
import { type Channel, ChannelFailed, SendFailed, unwatched } from "../Channel.js"
import { Address, Message } from "../Message.js"
import { boundedLines } from "./BoundedLines.js"
import { ConsoleLine, example, quoted, readLine } from "./ConsoleLine.js"
import { makeScreen } from "./ConsoleScreen.js"

export interface ConsoleStreams {
  readonly input: Readable
  /** Takes the answers. */
  readonly output: Writable
  /** Takes the prompt, and what to say about lines that are not understood. */
  readonly errors: Writable
  /** Whether a person sits at a terminal, rather than a pipe that ends. */
  readonly interactive: boolean
}

/** The longest line that is read, in UTF-16 code units. */
const longestLine = 100_000

const explanation =
  `Write as anybody: ${example}. A line without an account in front goes to the one used last. ` + "Ctrl-D ends it.\n"

const overlong = `A line of more than ${longestLine} characters is not read.\n`

const addressOf = (identity: Identity): Address => Address.make(identity.toString())

/** One part of an answer, under the address that it goes to. */
const rendered = (to: Address, part: string): string => {
  const lines = printableLines(part).split("\n")
  return [`→ ${printable(to)}`, ...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n")
}

/**
 * A chat on the streams of this process, in which one writes as any account of any provider:
 * `whatsapp:+1234567890 Hello`. It needs no account anywhere, and ends with its input.
 */
export const make = (streams: ConsoleStreams): Effect.Effect<Channel, never, Scope.Scope> =>
  Effect.gen(function* () {
    const screen = yield* makeScreen(streams.output, streams.errors)
    const last = yield* Ref.make(Option.none<Identity>())
    const count = yield* Ref.make(0)
    const started = yield* Clock.currentTimeMillis
    const random = yield* Random.nextIntBetween(0, 2 ** 32)
    const run = `${started.toString(36)}-${random.toString(36)}`
    const invite = streams.interactive ? screen.invite : Effect.void

    const messageOf = (identity: Identity, text: string) =>
      Effect.map(
        Ref.updateAndGet(count, (n) => n + 1),
        (n) =>
          new Message({
            channel: "console",
            id: `${run}-${n}`,
            sender: { From: identity.toString(), provider: identity.provider, chatType: "direct" },
            author: identity.toString(),
            address: addressOf(identity),
            text
          })
      )

    const pieces = Stream.suspend(() =>
      NodeStream.fromReadable<ChannelFailed, string>(
        () => streams.input.setEncoding("utf8"),
        () => new ChannelFailed({ channel: "console", reason: "the input cannot be read any more" })
      )
    )

    return {
      name: "console",
      limit: Number.MAX_SAFE_INTEGER,
      run: (accept, { opened } = unwatched) => {
        const spoken = (identity: Identity, text: string) =>
          Effect.gen(function* () {
            // In a pipe a forgotten account is a mistake, not a way to spare typing.
            if (streams.interactive) yield* Ref.set(last, Option.some(identity))
            yield* accept(yield* messageOf(identity, text)).pipe(
              Effect.catchTag("NotTaken", ({ message }) => screen.note(`${message}\n`))
            )
          })
        const unaddressed = (text: string) =>
          Effect.flatMap(
            Ref.get(last),
            Option.match({
              onSome: (identity) => spoken(identity, text),
              onNone: () =>
                screen.note(
                  `${quoted(text)} does not say who writes: begin the line with an account, as in ${example}\n`
                )
            })
          )
        const understood = ConsoleLine.$match({
          Blank: () => Effect.void,
          Spoken: ({ identity, text }) => spoken(identity, text),
          Unaddressed: ({ text }) => unaddressed(text),
          Refused: ({ reason }) => screen.note(`${reason}, as in ${example}\n`)
        })
        const handle = (line: Option.Option<string>) =>
          screen.answered.pipe(
            Effect.zipRight(
              Option.match(line, { onNone: () => screen.note(overlong), onSome: (text) => understood(readLine(text)) })
            ),
            Effect.zipRight(invite)
          )
        return (streams.interactive ? screen.note(explanation) : Effect.void).pipe(
          Effect.zipRight(opened),
          Effect.zipRight(invite),
          Effect.zipRight(Stream.runForEach(boundedLines(longestLine)(pieces), handle)),
          Effect.ensuring(screen.dismiss)
        )
      },
      send: (to, part) =>
        Effect.catchAll(
          screen.say(rendered(to, part)),
          () => new SendFailed({ channel: "console", reason: "nobody reads the output any more", again: false })
        ),
      // The prompt stays where it is; the answer comes in a moment.
      typing: () => Effect.void,
      addressOf: (identity) => Option.some(addressOf(identity))
    }
  })
