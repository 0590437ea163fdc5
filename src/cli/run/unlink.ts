import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../identity/Decision.js"
import { Identities } from "../../identity/Identities.js"
import type { Identity } from "../../identity/Identity.js"
import { refused } from "../options.js"
import * as Json from "../render/json.js"
import { pleasant } from "../render/pleasant.js"
import { rehearsal } from "./rehearsal.js"

export interface Line {
  readonly id: string
  readonly identities: ReadonlyArray<Identity>
  readonly keep: Option.Option<Identity>
  readonly dryRun: boolean
  readonly json: boolean
}

const wishOf = ({ id, identities, keep }: Line) => {
  if (Option.isNone(keep)) {
    return Effect.succeed(identities.length === 0 ? Decision.Unlink({ id }) : Decision.Remove({ id, identities }))
  }
  return identities.length === 0
    ? Effect.succeed(Decision.Leave({ id, identity: keep.value }))
    : refused("keep", keep.value.toString(), "either --identity or --keep, not both")
}

/** Takes a mapping apart, or some out of it, and prints what that came to. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const wish = yield* wishOf(line)
    if (line.dryRun) return yield* (yield* rehearsal).dryRun(wish, line.json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    if (line.json) return yield* Console.log(Json.mapping(Option.getOrThrow(plan.mapping)))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.unlinked(plan))
  })
