import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Home } from "../../config/Home.js"
import * as ControlClient from "../../control/ControlClient.js"
import { notReceiving } from "../../control/Health.js"
import { countsIn, keptOf, turnedAwayOf } from "../../control/Survey.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { leftIn } from "../../relay/Inbox.js"
import { codec as strangersCodec } from "../../relay/StrangerList.js"
import { SessionStore } from "../../session/SessionStore.js"
import { layerFile } from "../../session/SessionStoreFile.js"
import * as DurableFile from "../../storage/DurableFile.js"
import * as LogFile from "../../storage/LogFile.js"
import * as Render from "../render/status.js"

/** A relay runs, and not everybody who writes is heard. */
class NotReceiving extends Schema.TaggedError<NotReceiving>()("NotReceiving", {
  reasons: Schema.NonEmptyArray(Schema.String)
}) {
  override get message(): string {
    return `not every channel receives. ${this.reasons.join("; ")}`
  }
}

/** What the files say where no relay runs. */
const stopped = Effect.gen(function* () {
  const { directory: home, inbox, turnedAway } = yield* Home
  const left = yield* Effect.flatMap(LogFile.make(inbox), leftIn)
  const { value: strangers } = yield* Effect.flatMap(
    DurableFile.make(turnedAway, strangersCodec),
    ({ current }) => current
  )
  const kept = keptOf(left)
  return {
    home,
    waiting: left.filter(({ undelivered }) => Option.isNone(undelivered)).length,
    kept,
    turnedAway: strangers.map(turnedAwayOf).reverse(),
    sessions: yield* countsIn(yield* SessionStore, yield* Settings.Settings)
  } satisfies Render.Stopped
}).pipe(Effect.provide(Layer.provideMerge(layerFile, Settings.layer)))

/** Prints how the relay is. Succeeds if one runs and receives through all of its channels. */
export const run = (json: boolean) =>
  Effect.gen(function* () {
    const { directory: home } = yield* Home
    const now = yield* Clock.currentTimeMillis
    const status = yield* Effect.tapErrorTag(ControlClient.status, "RelayNotRunning", () =>
      Effect.flatMap(stopped, (found) => Console.log(json ? Render.stoppedJson(found) : Render.stopped(found, now)))
    )
    yield* Console.log(json ? Render.runningJson(home, status) : Render.running(home, status, now))
    const [first, ...rest] = notReceiving(status)
    if (first !== undefined) return yield* new NotReceiving({ reasons: [first, ...rest] })
  }).pipe(Effect.provide(storage.layer))
