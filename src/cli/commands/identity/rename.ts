import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../../identity/Decision.js"
import { Identities } from "../../../identity/Identities.js"
import { dryRun, json, mappingName } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

const id = Args.text({ name: "shared-id" }).pipe(Args.withDescription("The mapping's id, as `identity list` shows it"))

const rehearsal = Effect.promise(() => import("../../run/dryRun.js"))

export const rename = Command.make("rename", { id, name: mappingName, dryRun, json }, ({ dryRun, id, json, name }) =>
  Effect.gen(function* () {
    const wish = Decision.Rename({ id, name })
    if (dryRun) return yield* (yield* rehearsal).dryRun(wish, json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    if (json) return yield* Console.log(Json.mapping(Option.getOrThrow(plan.mapping)))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.renamed(plan))
  })
).pipe(Command.withDescription("Call the people in a mapping something else"))

export const example = 'warelay identity rename shared-1a2b3c4d-5e6f7081 --name "John at home"'
