import * as Option from "effect/Option"
import { masked } from "../config/Masked.js"
import * as JsonText from "../storage/JsonText.js"
import type { Finding } from "../storage/Problem.js"
import type { SessionTable } from "./SessionTable.js"

/** Finds the conversations in a table that can be read whose session another one has, too. */
export const check = (table: SessionTable, text: string): ReadonlyArray<Finding> => {
  const holders = new Map<string, string>()
  const found: Array<Finding> = []
  for (const [key, { sessionId }] of table) {
    const holder = holders.get(sessionId)
    if (holder === undefined) {
      holders.set(sessionId, key)
      continue
    }
    found.push({
      at: Option.some(JsonText.locate(text, [key, "sessionId"])),
      problem:
        `${masked(key)} has the session that, before it, ${masked(holder)} has: two conversations in one. Whichever ` +
        "of them has a message first starts afresh, and the other one goes on in it",
      fix: "Take out the one whose session it is not, or both of them."
    })
  }
  return found
}
