import * as Context from "effect/Context"
import type { Readable, Writable } from "node:stream"

/** What this process was given when it was started. */
export class Process extends Context.Tag("warelay/config/Process")<
  Process,
  {
    readonly environment: Readonly<Record<string, string | undefined>>
    readonly input: Readable
    /** Takes the answer and nothing else. */
    readonly output: Writable
    /** Takes everything else. */
    readonly errors: Writable
    /** Whether a person sits at both ends, rather than a pipe. */
    readonly interactive: boolean
    /** Whether a person looks at what is written there, rather than a program. */
    readonly terminals: { readonly output: boolean; readonly errors: boolean }
  }
>() {}
