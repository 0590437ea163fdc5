import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"

const often = Duration.toMillis("1 minute")

/** A warning that is given at most once a minute: whoever knows the address of a webhook can cause it. */
export const make: Effect.Effect<(warning: string) => Effect.Effect<void>> = Effect.map(
  Ref.make(Number.NEGATIVE_INFINITY),
  (warnedAt) => (warning) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const before = yield* Ref.getAndUpdate(warnedAt, (at) => (now - at >= often ? now : at))
      if (now - before >= often) yield* Effect.logWarning(warning)
    })
)
