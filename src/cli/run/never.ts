import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Decision } from "../../identity/Decision.js"
import { Identities } from "../../identity/Identities.js"
import { accountOf, type Identity } from "../../identity/Identity.js"
import { mistaken } from "../options.js"
import * as Render from "../render/never.js"
import { rehearsal } from "./rehearsal.js"

export interface Line {
  readonly one: Identity
  readonly other: Identity
  readonly dryRun: boolean
  readonly json: boolean
}

const different = (one: Identity, other: Identity) =>
  accountOf(one) === accountOf(other) ? mistaken(`${one} is given twice; name two different accounts`) : Effect.void

/** Has two accounts never suggested for linking, and prints what that came to. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const wish = Decision.Never({ pair: [line.one, line.other] })
    yield* different(line.one, line.other)
    if (line.dryRun) return yield* (yield* rehearsal).dryRun(wish, line.json)
    const plan = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
    yield* Console.log((line.json ? Render.json : Render.sentence)(wish.pair, plan.changes.length > 0))
  })
