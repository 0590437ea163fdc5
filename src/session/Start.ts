import * as Data from "effect/Data"
import type { SessionId } from "./SessionId.js"

/**
 * How a turn enters its session. All three can be asked for again after a crash, without harm: a session that turns
 * out to exist is resumed, one that turns out not to exist is begun.
 */
export type Start = Data.TaggedEnum<{
  /** A new session under this id. */
  Begin: { readonly id: SessionId }
  /** The session with this id. */
  Resume: { readonly id: SessionId }
  /** A new session under `id` that continues the history of `from`, which is left as it is. */
  Fork: { readonly from: SessionId; readonly id: SessionId }
}>

export const Start = Data.taggedEnum<Start>()
