import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { type Child, type Command, type Ended, type NotStarted, open, type TooMuchOutput } from "./ChildProcess.js"

/** A program that takes one line after another, and answers each before it takes the next. */
export interface Dialogue {
  readonly group: Child["group"]
  /**
   * Writes a line and waits for the one that ends the answer, or for the end of the program: what it printed from its
   * last answer on, with status 0 if it goes on.
   */
  readonly ask: (line: string) => Effect.Effect<Ended, TooMuchOutput>
  /** Whether it waits for a line: it has not ended, and has not answered what nobody asked. */
  readonly isWaiting: Effect.Effect<boolean>
  /** Returns when it has ended, or has printed far too much. */
  readonly ended: Effect.Effect<void>
}

const newline = 0x0a

/** Starts the program. When the scope closes, no process of its group is left. */
export const dialogue = (
  command: Command,
  endsAnswer: (line: string) => boolean
): Effect.Effect<Dialogue, NotStarted, Scope.Scope> =>
  Effect.gen(function* () {
    const answers = yield* Queue.unbounded<string>()
    let lines: Array<string> = []
    let line: Array<Buffer> = []
    let hasAnswered = false

    const endLine = () => {
      const text = Buffer.concat(line).toString("utf8")
      line = []
      lines.push(text)
      if (!endsAnswer(text)) return
      Queue.unsafeOffer(answers, lines.join("\n"))
      hasAnswered = true
      lines = []
    }
    const child = yield* open(command, (chunk) => {
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        line.push(chunk.subarray(start, end))
        endLine()
        start = end + 1
      }
      line.push(chunk.subarray(start))
    })

    const ask = (question: string) =>
      Effect.gen(function* () {
        // What it has said since its last answer is no part of the next. What it said before the first may be why it ends.
        if (hasAnswered) lines = []
        yield* child.write(`${question}\n`)
        const answered = Effect.map(Queue.take(answers), (stdout) => ({ status: 0, stdout }))
        const ended = Effect.map(child.ended, (status) => ({
          status,
          stdout: [...lines, Buffer.concat(line).toString("utf8")].join("\n")
        }))
        return { ...(yield* Effect.raceFirst(answered, ended)), stderr: yield* child.takeStderr }
      })

    return {
      group: child.group,
      ask,
      isWaiting: Effect.zipWith(
        child.hasEnded,
        Queue.isEmpty(answers),
        (hasEnded, hasNothingToSay) => !hasEnded && hasNothingToSay
      ),
      ended: Effect.ignore(child.ended)
    }
  })
