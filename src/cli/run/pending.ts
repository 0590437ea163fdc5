import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { printable } from "../../config/Printable.js"
import { Proofs } from "../../identity/proof/Proofs.js"
import * as proofs from "../../layers/proving.js"
import * as Render from "../render/pending.js"

/** Nothing waits under this id. */
class CodeNotFound extends Schema.TaggedError<CodeNotFound>()("CodeNotFound", { id: Schema.String }) {
  override get message(): string {
    return `nothing waits under ${JSON.stringify(this.id)}. See what does: warelay identity pending`
  }
}

/** Prints what waits for somebody. */
export const pending = (json: boolean) =>
  Effect.gen(function* () {
    const all = yield* Effect.flatMap(Proofs, ({ pending }) => pending)
    if (json) return yield* Console.log(Render.json(all))
    if (all.length === 0) return yield* Console.error("Nobody is about to link accounts from the chat.")
    yield* Console.log(Render.text(all, yield* Clock.currentTimeMillis))
  }).pipe(Effect.provide(proofs.layer))

/** Ends one of them. */
export const revoke = (id: string) =>
  Effect.gen(function* () {
    const found = yield* Effect.flatMap(Proofs, ({ revoke }) => revoke(id))
    if (!found) return yield* new CodeNotFound({ id })
    yield* Console.log(`${printable(id)} is void, with all that it has begun`)
  }).pipe(Effect.provide(proofs.layer))
