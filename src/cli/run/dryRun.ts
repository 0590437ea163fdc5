import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Identities, type Wish } from "../../identity/Identities.js"
import * as Render from "../render/plan.js"
import { foresee } from "./foresight.js"

/** Shows what a decision would come to, and does nothing. */
export const dryRun = (wish: Wish, json: boolean) =>
  Effect.gen(function* () {
    const plan = yield* Effect.flatMap(Identities, ({ preview }) => preview(wish))
    const foresight = yield* foresee(plan)
    yield* Console.log((json ? Render.dryRunJson : Render.dryRun)(plan, foresight))
  })
