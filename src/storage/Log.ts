import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { WriteError } from "./Document.js"

/** What a log holds. `open` is a line that was written and not yet closed: whether it counts, its writer can tell. */
export interface Lines {
  readonly closed: ReadonlyArray<string>
  readonly open: Option.Option<string>
}

/**
 * Lines that are only ever added to, in memory, in a file, or wherever else lines can be added. Whoever writes holds a lock
 * of his own, for the whole of a change.
 */
export interface Log {
  /** What people call it: the path of a file. */
  readonly name: string
  /** Every line. */
  readonly all: Effect.Effect<Lines, WriteError>
  /** The last closed line, if there is one, and the open one. It costs the same however long the log is. */
  readonly end: Effect.Effect<Lines, WriteError>
  /** Closes the open line or takes it out, then adds lines and leaves one open behind them. Durable when it succeeds. */
  readonly add: (
    open: "close" | "remove",
    lines: { readonly closed: ReadonlyArray<string>; readonly open: string }
  ) => Effect.Effect<void, WriteError>
  /** The same without adding anything. After a crash it may not have been. */
  readonly settle: (open: "close" | "remove") => Effect.Effect<void, WriteError>
  /**
   * Adds closed lines behind closed lines. `durable` if they are to outlive a power cut; otherwise only the end of the
   * process, until something durable is added. One at a time, and never while a line is open.
   */
  readonly append: (lines: ReadonlyArray<string>, durable: boolean) => Effect.Effect<void, WriteError>
  /** Puts other lines in place of all, in one durable step. The open one is among them, or gone. */
  readonly replace: (lines: ReadonlyArray<string>) => Effect.Effect<void, WriteError>
}

/** Forgotten at the end of the process. */
export const memory: Effect.Effect<Log> = Effect.sync(() => {
  let closed: Array<string> = []
  let open = Option.none<string>()

  const settle = (how: "close" | "remove"): void => {
    if (how === "close") closed.push(...Option.toArray(open))
    open = Option.none()
  }

  return {
    name: "memory",
    all: Effect.sync(() => ({ closed: [...closed], open })),
    end: Effect.sync(() => ({ closed: closed.slice(-1), open })),
    add: (how, added) =>
      Effect.sync(() => {
        settle(how)
        closed.push(...added.closed)
        open = Option.some(added.open)
      }),
    settle: (how) => Effect.sync(() => settle(how)),
    append: (added) => Effect.sync(() => void closed.push(...added)),
    replace: (lines) =>
      Effect.sync(() => {
        closed = [...lines]
        open = Option.none()
      })
  }
})
