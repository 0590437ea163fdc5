import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import { SessionId } from "./SessionId.js"

export class SessionIds extends Context.Tag("warelay/session/SessionIds")<
  SessionIds,
  {
    /** A UUID that no session has had. */
    readonly mint: Effect.Effect<SessionId>
  }
>() {}

const sessionId = Schema.decodeSync(SessionId)

/** From the operating system's secure source. */
export const layer: Layer.Layer<SessionIds> = Layer.succeed(
  SessionIds,
  SessionIds.of({ mint: Effect.sync(() => sessionId(randomUUID())) })
)

/** `00000000-0000-4000-8000-000000000001` and so on. */
export const layerTest: Layer.Layer<SessionIds> = Layer.effect(
  SessionIds,
  Effect.map(Ref.make(0), (count) =>
    SessionIds.of({
      mint: Effect.map(
        Ref.updateAndGet(count, (n) => n + 1),
        (n) => sessionId(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`)
      )
    })
  )
)
