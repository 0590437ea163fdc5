import type { Plan } from "../../identity/Plan.js"
import * as Json from "./json.js"
import { change, fields } from "./plan.js"

/** How many changes from elsewhere are on record here from now on: a history goes on only where there has been none. */
const adopted = ({ before, changes, decision }: Plan): number => {
  const wasEmpty = before.entries.size === 0 && before.never.size === 0
  const isMade = changes.length > 0 || Object.keys(before.raw).length === 0
  return decision._tag === "Import" && wasEmpty && isMade ? decision.history.length : 0
}

/** What was brought in. */
export const text = (plan: Plan): string => {
  const earlier = adopted(plan)
  if (plan.changes.length + earlier === 0) return "all of it is here already; nothing was changed"
  return [
    "imported:",
    ...plan.changes.map((one) => `  ${change(one)}`),
    ...(earlier === 0 ? [] : [`  the history so far (changes: ${earlier})`])
  ].join("\n")
}

/** The same for programs; `history` is the number of changes that came along. */
export const json = (plan: Plan): string => Json.json({ ...fields(plan), history: adopted(plan) })

/** Whether something was brought in, and a history that it came with was not. */
export const isLeftOut = (plan: Plan): boolean => plan.changes.length > 0 && adopted(plan) === 0

export const historyLeftOut =
  "The history in it was left out, because it does not lead to what is here; the import itself is on record."
