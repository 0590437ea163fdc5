import * as Brand from "effect/Brand"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { randomBytes } from "node:crypto"
import type { SharedId } from "./IdentityMapping.js"

export class SharedIds extends Context.Tag("warelay/identity/SharedIds")<
  SharedIds,
  {
    /** An id that cannot be guessed: `shared-`, 8 hex digits, a dash, 8 hex digits. */
    readonly mint: Effect.Effect<SharedId>
  }
>() {}

const sharedId = Brand.nominal<SharedId>()

const of = (high: string, low: string): SharedId => sharedId(`shared-${high}-${low}`)

/** From the operating system's secure source. */
export const random: SharedIds["Type"] = {
  mint: Effect.sync(() => {
    const digits = randomBytes(8).toString("hex")
    return of(digits.slice(0, 8), digits.slice(8))
  })
}

export const layer: Layer.Layer<SharedIds> = Layer.succeed(SharedIds, random)

/** `shared-00000000-00000001` and so on. */
export const layerTest: Layer.Layer<SharedIds> = Layer.effect(
  SharedIds,
  Effect.map(Ref.make(0), (count) =>
    SharedIds.of({
      mint: Effect.map(
        Ref.updateAndGet(count, (n) => n + 1),
        (n) => of("00000000", n.toString(16).padStart(8, "0"))
      )
    })
  )
)
