import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { printable } from "../../../config/Printable.js"
import { Decision } from "../../../identity/Decision.js"
import { Identities } from "../../../identity/Identities.js"
import { accountOf, type Identity, parseWritten } from "../../../identity/Identity.js"
import { dryRun, json } from "../../options.js"
import * as Render from "../../render/never.js"

const account = (name: string) =>
  Args.text({ name }).pipe(
    Args.withDescription("An account, such as whatsapp:+1234567890 or telegram:@john"),
    Args.mapEffect((typed) =>
      Effect.mapError(parseWritten(typed), () =>
        HelpDoc.p(
          `${printable(JSON.stringify(typed))}: expected an identity such as whatsapp:+1234567890 or telegram:@john`
        )
      )
    )
  )

const different = (one: Identity, other: Identity) =>
  accountOf(one) === accountOf(other)
    ? Effect.fail(ValidationError.invalidArgument(HelpDoc.p(`${one} is given twice; name two different accounts`)))
    : Effect.void

const rehearsal = Effect.promise(() => import("../../run/dryRun.js"))

export const never = Command.make("never", { one: account("a"), other: account("b"), dryRun, json }, (line) =>
  Effect.gen(function* () {
    const wish = Decision.Never({ pair: [line.one, line.other] })
    yield* different(line.one, line.other)
    if (line.dryRun) return yield* (yield* rehearsal).dryRun(wish, line.json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    yield* Console.log((line.json ? Render.json : Render.sentence)(wish.pair, plan.changes.length > 0))
  })
).pipe(
  Command.withDescription("Say that two accounts are not one person's, so that they are never suggested for linking")
)

export const example = "warelay identity never whatsapp:+1234567890 twilio:+1234567890"
