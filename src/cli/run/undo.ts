import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Identities } from "../../identity/Identities.js"
import * as Render from "../render/undo.js"
import { dryRun } from "./dryRun.js"
import { foresee } from "./foresight.js"

export interface Line {
  readonly sequence: Option.Option<number>
  readonly dryRun: boolean
  readonly json: boolean
}

/** Takes a change back, and prints what that was and who is in another conversation by it. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const wish = { _tag: "Undo", sequence: Option.getOrUndefined(line.sequence) } as const
    if (line.dryRun) return yield* dryRun(wish, line.json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    const foresight = yield* Effect.asSome(foresee(plan)).pipe(
      // It is done; only its effect cannot be told.
      Effect.catchAll(({ message }) => Effect.as(Console.error(Render.unforeseen(message)), Option.none()))
    )
    yield* Console.log((line.json ? Render.json : Render.text)(plan, foresight))
  })
