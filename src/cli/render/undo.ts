import * as Option from "effect/Option"
import type { Plan } from "../../identity/Plan.js"
import type { Foresight } from "../run/foresight.js"
import { columns } from "./columns.js"
import * as Json from "./json.js"
import { change, fields, sender, senderFields } from "./plan.js"

/** The change that was undone, as `change 3 (link)`. */
const undone = ({ decision, undoes }: Plan): string => {
  const number = Option.getOrElse(undoes, () => 0)
  const was = decision._tag === "Undo" ? decision.history.find(({ sequence }) => sequence === number) : undefined
  return `change ${number}${was === undefined ? "" : ` (${was.action})`}`
}

const conversations = (plan: Plan, { now, senders }: Foresight): ReadonlyArray<string> => {
  const moved = senders.filter(({ after, before }) => after !== before)
  return moved.length === 0
    ? ["everybody is in the same conversation as before"]
    : ["these are in another conversation now:", ...columns(moved.map(sender(plan, now)))]
}

/** What was undone, and who is in another conversation by it. */
export const text = (plan: Plan, foresight: Option.Option<Foresight>): string =>
  plan.changes.length === 0
    ? `${undone(plan)} left nothing that could be undone; nothing was changed`
    : [
        `${undone(plan)} is undone:`,
        ...plan.changes.map((one) => `  ${change(one)}`),
        ...Option.match(foresight, { onNone: () => [], onSome: (known) => conversations(plan, known) })
      ].join("\n")

/** The same for programs. Without `senders`, who is where could not be told. */
export const json = (plan: Plan, foresight: Option.Option<Foresight>): string =>
  Json.json({
    ...fields(plan),
    ...Option.match(foresight, { onNone: () => ({}), onSome: (known) => ({ senders: senderFields(plan, known) }) })
  })

/** Why `senders` is not known. */
export const unforeseen = (reason: string): string => `Who is in which conversation now cannot be told: ${reason}`
