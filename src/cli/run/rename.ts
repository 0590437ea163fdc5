import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../identity/Decision.js"
import { Identities } from "../../identity/Identities.js"
import * as Json from "../render/json.js"
import { pleasant } from "../render/pleasant.js"
import { rehearsal } from "./rehearsal.js"

export interface Line {
  readonly id: string
  readonly name: string
  readonly dryRun: boolean
  readonly json: boolean
}

/** Calls a mapping something else, and prints what that came to. */
export const run = ({ dryRun, id, json, name }: Line) =>
  Effect.gen(function* () {
    const wish = Decision.Rename({ id, name })
    if (dryRun) return yield* (yield* rehearsal).dryRun(wish, json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    if (json) return yield* Console.log(Json.mapping(Option.getOrThrow(plan.mapping)))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.renamed(plan))
  })
