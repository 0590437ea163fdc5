import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { printable } from "../config/Printable.js"
import { type Identity, parseWritten } from "../identity/Identity.js"

/** A value that was typed and cannot be used: what it was, what would be accepted. */
const refused = (typed: string, accepted: string): HelpDoc.HelpDoc =>
  HelpDoc.p(`${printable(JSON.stringify(typed))}: expected ${accepted}`)

/** An account, its provider in front. */
export const account = (name: string, description: string): Args.Args<Identity> =>
  Args.text({ name }).pipe(
    Args.withDescription(description),
    Args.mapEffect((typed) =>
      Effect.mapError(parseWritten(typed), () =>
        refused(typed, "an identity such as whatsapp:+1234567890 or telegram:@john")
      )
    )
  )

const sequenceOf = (typed: string): Option.Option<number> =>
  /^[1-9][0-9]{0,14}$/.test(typed) ? Option.some(Number(typed)) : Option.none()

/** The number of a change on record. */
export const sequence = Args.text({ name: "sequence" }).pipe(
  Args.withDescription("The change's number, as `identity history` shows it"),
  Args.mapEffect((typed) =>
    Effect.mapError(sequenceOf(typed), () => refused(typed, "the number of a change, such as 3"))
  )
)

/** The mapping's id; any text may be asked for. */
export const sharedId = (description: string): Args.Args<string> =>
  Args.text({ name: "shared-id" }).pipe(Args.withDescription(description))
