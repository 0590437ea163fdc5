import * as Context from "effect/Context"
import type { Revision } from "../storage/Document.js"
import type { Changes } from "./Change.js"
import type { Timestamp } from "./IdentityMapping.js"

/** Who changes the map: `cli`, `library`, `relay`, `chat`, or `hand` for an edit of the file itself. */
export class Actor extends Context.Reference<Actor>()("warelay/identity/Actor", {
  defaultValue: (): string => "library"
}) {}

export const actions = [
  "link",
  "unlink",
  "rename",
  "pin",
  "never",
  "forget",
  "undo",
  "import",
  /** The file was edited, or restored, by somebody who took no lock. */
  "edit",
  /** The file was deleted. */
  "reset"
] as const
export type Action = (typeof actions)[number]

/**
 * One change that was made, as a line of the journal has it. `base` and `result` name the contents of the map before and
 * after; what the change is made of stands in `changes`, as it was written.
 */
export interface Recorded {
  /** From 1 on, and rising. */
  readonly sequence: number
  readonly at: Timestamp
  readonly by: string
  readonly action: Action
  /** The change that an undo reverts. */
  readonly undoes?: number | undefined
  readonly base: Revision
  readonly result: Revision
  readonly changes: Changes
}
