import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Child, type Command, type Ended, type NotStarted, open, type TooMuchOutput } from "./ChildProcess.js"

export interface Question {
  readonly line: string
  /** What is in the line by which the program says that it answers this question now, and in no other. */
  readonly mark: string
}

/** A program that takes one line after another, and answers each before it takes the next. */
export interface Dialogue {
  readonly group: Child["group"]
  /**
   * Asks, and waits for the line that ends the answer or for the end of the program: what it printed from its last answer
   * on, with status 0 if it goes on. What ends an answer before this question was taken up is another's.
   */
  readonly ask: (question: Question) => Effect.Effect<Ended, TooMuchOutput>
  /** Whether it waits for a question: it has not ended, and has said nothing that nobody asked. */
  readonly isWaiting: Effect.Effect<boolean>
  /** Returns when it has ended, or has printed far too much. */
  readonly ended: Effect.Effect<void>
}

interface Pending {
  readonly mark: string
  isTakenUp: boolean
  readonly answer: Deferred.Deferred<string>
}

const newline = 0x0a

/** Starts the program. When the scope closes, no process of its group is left. */
export const dialogue = (
  command: Command,
  endsAnswer: (line: string) => boolean
): Effect.Effect<Dialogue, NotStarted, Scope.Scope> =>
  Effect.gen(function* () {
    let pending: Pending | undefined
    let lines: Array<string> = []
    let unfinished: Array<Buffer> = []
    let hasAnswered = false
    let hasSpokenUp = false

    const take = (line: string) => {
      lines.push(line)
      if (pending?.isTakenUp === false && line.includes(pending.mark)) pending.isTakenUp = true
      if (!endsAnswer(line)) return
      if (pending === undefined) hasSpokenUp = true
      if (pending?.isTakenUp !== true) return
      Deferred.unsafeDone(pending.answer, Effect.succeed(lines.join("\n")))
      pending = undefined
      hasAnswered = true
      lines = []
    }
    const child = yield* open(command, (chunk) => {
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        const line = Buffer.concat([...unfinished, chunk.subarray(start, end)])
        unfinished = []
        take(line.toString("utf8"))
        start = end + 1
      }
      if (start < chunk.length) unfinished.push(chunk.subarray(start))
    })

    const ask = ({ line, mark }: Question) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<string>()
        // What it has said since its last answer is no part of the next. What it said before the first may be why it ends.
        if (hasAnswered) lines = []
        pending = { mark, isTakenUp: false, answer }
        yield* child.write(`${line}\n`)
        const answered = Effect.map(Deferred.await(answer), (stdout) => ({ status: 0, stdout }))
        const ended = Effect.map(child.ended, (status) => ({
          status,
          stdout: [...lines, Buffer.concat(unfinished).toString("utf8")].join("\n")
        }))
        return { ...(yield* Effect.raceFirst(answered, ended)), stderr: yield* child.takeStderr }
      })

    return {
      group: child.group,
      ask,
      isWaiting: Effect.map(child.hasEnded, (hasEnded) => !hasEnded && !hasSpokenUp && unfinished.length === 0),
      ended: Effect.ignore(child.ended)
    }
  })
