import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { Disk } from "../../../src/storage/Disk.js"
import { absent, type Codec, type Document, type Snapshot } from "../../../src/storage/Document.js"
import * as DurableFile from "../../../src/storage/DurableFile.js"
import { byRename } from "../../storage/by-rename.js"
import { type Implementation, real } from "../Implementation.js"

/** Acknowledges a change when others can see it, and makes it durable afterwards. */
export const acknowledgeEarly: Implementation = {
  ...real,
  name: "acknowledge early",
  document: <A>(path: string, codec: Codec<A>) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const scope = yield* Effect.scope
      let visible = yield* Deferred.make<Snapshot<A>>()
      let made: Snapshot<A> = { value: codec.empty, revision: absent }
      const watched = Disk.of({
        ...byRename(disk),
        // A device takes its time.
        sync: (descriptor) => Effect.delay(disk.sync(descriptor), "5 millis"),
        rename: (from, to) =>
          Effect.tap(disk.rename(from, to), () => Effect.when(Deferred.succeed(visible, made), () => to === path))
      })
      const file = yield* Effect.provideService(DurableFile.make(path, codec), Disk, watched)
      const modify: Document<A>["modify"] = (change, manner) =>
        Effect.gen(function* () {
          visible = yield* Deferred.make<Snapshot<A>>()
          const saving = yield* file
            .modify(
              (now) =>
                Either.map(
                  change(now),
                  Option.map((value) => {
                    made = { value, revision: now.revision }
                    return value
                  })
                ),
              manner
            )
            .pipe(Effect.interruptible, Effect.forkIn(scope))
          // Whoever closes the store lets it finish.
          yield* Scope.addFinalizer(scope, Fiber.await(saving))
          return yield* Effect.interruptible(Effect.raceFirst(Fiber.join(saving), Deferred.await(visible)))
        })
      return { ...file, modify }
    })
}
