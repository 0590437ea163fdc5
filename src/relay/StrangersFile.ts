import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Home } from "../config/Home.js"
import type { Identity } from "../identity/Identity.js"
import { ProviderDetector } from "../session/ProviderDetector.js"
import type { Disk } from "../storage/Disk.js"
import { ordinary } from "../storage/Document.js"
import * as DurableFile from "../storage/DurableFile.js"
import type { FileLock } from "../storage/FileLock.js"
import { logLine } from "./LogLine.js"
import { RelaySettings } from "./RelaySettings.js"
import { isListed, type Stranger, strangerIn } from "./Stranger.js"
import { after, codec, type StrangerList, without, withoutGone } from "./StrangerList.js"
import { Strangers } from "./Strangers.js"

/** How long those who came are kept in mind alone: a flood of strangers is to cost one write now and then. */
const interval = Duration.seconds(5)

/** Nobody is to find those who were forgotten in an earlier version. */
const manner = { ...ordinary, previous: "discard" } as const

/** Takes accounts out of `turned-away.json`. */
export const forget = (identities: ReadonlyArray<Identity>) =>
  Effect.gen(function* () {
    const { turnedAway } = yield* Home
    const { modify } = yield* DurableFile.make(turnedAway, codec)
    yield* modify(({ value }) => {
      const left = without(value, identities)
      return Either.right(left.length === value.length ? Option.none<StrangerList>() : Option.some(left))
    }, manner)
  })

/**
 * In `turned-away.json` in the home, some seconds later, so that a relay that is killed forgets those of its last
 * moments. Those whom somebody takes out of the file are forgotten, with all that came of them since the relay last looked
 * at it, some seconds before; and whoever is listed by now is no stranger.
 */
export const layerFile: Layer.Layer<Strangers, never, Home | Disk | FileLock | ProviderDetector | RelaySettings> =
  Layer.scoped(
    Strangers,
    Effect.gen(function* () {
      const { turnedAway } = yield* Home
      const detector = yield* ProviderDetector
      const listed = isListed(yield* RelaySettings)
      const { current, modify } = yield* DurableFile.make(turnedAway, codec)
      const oneAtATime = yield* Effect.makeSemaphore(1)
      const others = (list: StrangerList) => list.filter((stranger) => !listed(stranger))
      let known = (yield* current).value
      let came: StrangerList = []
      let failing = false

      const failed = (unwritten: ReadonlyArray<Stranger>, message: string) =>
        Effect.gen(function* () {
          came = after(unwritten, came)
          if (!failing) yield* Effect.logWarning(`who was turned away cannot be written down: ${logLine(message)}`)
          failing = true
        })

      const look = Effect.map(current, ({ value }) => {
        came = withoutGone(came, known, value)
        known = value
        return others(value)
      })

      const save = Effect.flatMap(look, () => {
        const now = came
        if (now.length === 0) return Effect.void
        came = []
        return modify(({ value }) => Either.right(Option.some(after(others(value), now))), manner).pipe(
          Effect.matchEffect({
            onSuccess: ({ value }) =>
              Effect.sync(() => {
                known = value
                failing = false
              }),
            onFailure: ({ message }) => failed(now, message)
          })
        )
      }).pipe(Effect.uninterruptible, oneAtATime.withPermits(1))

      yield* Effect.addFinalizer(() => save)
      yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Effect.sleep(interval), save)))
      return {
        see: (message, now) =>
          Effect.sync(() => {
            came = after(came, [strangerIn(message, detector, now)])
          }),
        all: Effect.map(look, (list) => after(list, came)).pipe(oneAtATime.withPermits(1))
      }
    })
  )
