import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type ConflictPolicy, Decision } from "../../identity/Decision.js"
import { Identities, type Wish } from "../../identity/Identities.js"
import * as storage from "../../layers/storage.js"
import * as Render from "../render/import.js"
import { dryRun } from "./dryRun.js"
import { imported } from "./imported.js"

export interface Line {
  readonly file: string
  readonly onConflict: ConflictPolicy
  readonly dryRun: boolean
  readonly json: boolean
}

/** Somebody is in one mapping here, and in another there. */
class LinkedElsewhere extends Schema.TaggedError<LinkedElsewhere>()("LinkedElsewhere", {
  identity: Schema.String,
  id: Schema.String
}) {
  override get message(): string {
    return (
      `${this.identity} is linked already, in ${this.id}, and what was to be imported has it in another mapping. Nothing was ` +
      "changed. To take it out of there: --on-conflict move. To join everybody in both: --on-conflict merge."
    )
  }
}

/** Brings in what a file holds, or shows what that would come to. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const identities = yield* Identities
    const { history, map } = yield* Effect.provide(imported(line.file), storage.layer)
    const isFirst = (yield* identities.history).length === 0
    const wish: Wish = Decision.Import({ map, history: isFirst ? history : [], onConflict: line.onConflict })
    if (line.dryRun) return yield* dryRun(wish, line.json)
    const plan = yield* identities.change(wish)
    yield* Console.log((line.json ? Render.json : Render.text)(plan))
    if (history.length > 0 && Render.isLeftOut(plan)) yield* Console.error(Render.historyLeftOut)
  }).pipe(Effect.catchTag("IdentityAlreadyLinked", ({ id, identity }) => new LinkedElsewhere({ id, identity })))
