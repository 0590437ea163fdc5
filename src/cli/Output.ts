import * as Option from "effect/Option"
import { writeSync } from "node:fs"
import type { Writable } from "node:stream"

/** What a pipe takes while nobody reads it, in bytes. To wait for a reader is left to the stream: Ctrl-C ends that. */
const capacity = 65_536

/** Where a command says something. */
export interface Output {
  /** Writes a text. What goes wrong with it is the stream's to tell. */
  readonly write: (text: string) => void
  /** The stream, from where on all is written by it. */
  readonly stream: () => Writable
  /** Calls back when all that was written has been taken. */
  readonly whenTaken: (then: () => void) => void
}

/**
 * Writes to a file descriptor without Node's stream for it, as long as nobody wants that and it takes all at once: to set
 * the streams up takes Node two of the thirty milliseconds that a command runs.
 */
export const makeOutput = (descriptor: number, open: () => Writable): Output => {
  const writeOnce = Option.liftThrowable((bytes: Uint8Array) => writeSync(descriptor, bytes))
  let room = capacity
  let opened: Writable | undefined
  const stream = () => (opened ??= open())
  return {
    stream,
    write: (text) => {
      let rest = Buffer.from(text)
      room -= rest.length
      while (opened === undefined && room >= 0 && rest.length > 0) {
        const written = writeOnce(rest)
        if (Option.isNone(written)) break
        rest = rest.subarray(written.value)
      }
      if (rest.length > 0) stream().write(rest)
    },
    // A stream tells of what went wrong after it has called back.
    whenTaken: (then) => (opened === undefined ? then() : void opened.write("", () => setImmediate(then)))
  }
}
