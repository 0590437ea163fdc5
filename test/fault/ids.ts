import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import { SharedIds } from "../../src/identity/SharedIds.js"

const minted = FiberRef.unsafeMake(0)

/** The same ids for the same command, whatever else its process has done: `shared-00000000-00000001` is the first of each. */
export const layer: Layer.Layer<SharedIds> = Layer.succeed(
  SharedIds,
  SharedIds.of({
    mint: Effect.map(
      FiberRef.updateAndGet(minted, (n) => n + 1),
      (n) => WrittenSharedId.make(`shared-00000000-${n.toString(16).padStart(8, "0")}`)
    )
  })
)

/** A command that begins with the first id. */
export const fromTheFirst: <A, E, R>(command: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  minted,
  0
)
