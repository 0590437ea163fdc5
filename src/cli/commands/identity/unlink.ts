import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../../identity/Decision.js"
import { Identities } from "../../../identity/Identities.js"
import type { Identity } from "../../../identity/Identity.js"
import { dryRun, identity, json, refused, writtenIdentities } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

const id = Args.text({ name: "shared-id" }).pipe(Args.withDescription("The mapping's id, as `identity list` shows it"))

const options = {
  identities: writtenIdentities("identity", "Take out this one alone, such as telegram:@john; may be repeated"),
  keep: identity("keep", "Take out all but this one, who keeps the shared conversation").pipe(Options.optional),
  dryRun,
  json
}

const wishOf = (id: string, identities: ReadonlyArray<Identity>, keep: Option.Option<Identity>) => {
  if (Option.isNone(keep)) {
    return Effect.succeed(identities.length === 0 ? Decision.Unlink({ id }) : Decision.Remove({ id, identities }))
  }
  return identities.length === 0
    ? Effect.succeed(Decision.Leave({ id, identity: keep.value }))
    : refused("keep", keep.value.toString(), "either --identity or --keep, not both")
}

const rehearsal = Effect.promise(() => import("../../run/dryRun.js"))

export const unlink = Command.make("unlink", { id, ...options }, ({ dryRun, id, identities, json, keep }) =>
  Effect.gen(function* () {
    const wish = yield* wishOf(id, identities, keep)
    if (dryRun) return yield* (yield* rehearsal).dryRun(wish, json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    if (json) return yield* Console.log(Json.mapping(Option.getOrThrow(plan.mapping)))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.unlinked(plan))
  })
).pipe(Command.withDescription("Give accounts of a mapping, or all of them, conversations of their own again"))

export const example = "warelay identity unlink shared-1a2b3c4d-5e6f7081"
