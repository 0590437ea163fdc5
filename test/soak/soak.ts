import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Running, user } from "../cli/command.js"
import { type App, apps as allApps, cast, type Place } from "./cast.js"
import { type Accepted, type Heard, type Manner, type Settled, settle, type Turn } from "./Ledger.js"
import * as Providers from "./providers.js"

export interface Plan {
  readonly apps: ReadonlyArray<App>
  readonly people: number
  /** How long people write, and the relay is killed, in seconds. */
  readonly seconds: number
  /** How many messages come in each of these. */
  readonly rate: number
  /** The same seed makes the same people write the same at the same places. */
  readonly seed: number
  /** Whether the agent stays after an answer. */
  readonly stays: boolean
  /** The program that is tried, if it is not the product. */
  readonly bin?: string
}

/** How long it is waited for an answer that does not come, when the relay is left in peace, in milliseconds. */
const patience = 15_000

const agent = fileURLToPath(new URL("./agent.sh", import.meta.url))

const now = Effect.sync(() => performance.now())

const anyManner: Effect.Effect<Manner> = Effect.map(Random.nextIntBetween(0, 100), (n) =>
  n < 82 ? "well" : n < 94 ? "slowly" : n < 99 ? "badly" : "never"
)

/** The turns that the agent has put on its list. */
const turnsIn = (directory: string): ReadonlyArray<Turn> => {
  const list = join(directory, "turns")
  if (!existsSync(list)) return []
  const lines = readFileSync(list, "utf8").trimEnd().split("\n")
  return lines.flatMap((line) => {
    const [by = "", session = "", person = "", id = "", name] = line.split(" ")
    return allApps.flatMap((app) => (app === name ? [{ by, session, person, id, app }] : []))
  })
}

/** Starts the relay again and again, and kills it in the middle of what it does. */
const killing = (start: Effect.Effect<Running, never, Scope.Scope>, kills: Array<number>) =>
  Effect.gen(function* () {
    const relay = yield* start
    yield* Effect.sleep(yield* Random.nextIntBetween(1_500, 5_000))
    kills.push(yield* now)
    yield* relay.signal("SIGKILL")
    const { status, stderr } = yield* relay.ended
    if (status !== "SIGKILL") return yield* Effect.dieMessage(`the relay has ended by itself: ${status} ${stderr}`)
  }).pipe(Effect.scoped, Effect.forever)

/** People write, at any of the places, and now and then several messages in a row. */
const writing = (
  places: ReadonlyArray<Place>,
  { rate, seconds }: Plan,
  write: Providers.Providers["write"],
  accepted: Array<Accepted>
) =>
  Effect.gen(function* () {
    const calls = yield* FiberSet.make()
    const sorry = new Set<string>()
    const until = (yield* now) + seconds * 1_000
    while ((yield* now) < until) {
      const place = yield* Effect.orDie(Random.choice(places))
      const count = (yield* Random.nextIntBetween(0, 20)) === 0 ? 5 : 1
      for (let n = 0; n < count; n++) {
        const drawn = yield* anyManner
        // Two apologies in a row could not be told apart.
        const manner = sorry.delete(place.name) ? "well" : drawn
        if (manner === "badly" || manner === "never") sorry.add(place.name)
        const id = `m${accepted.length}`
        accepted.push({ place, id, manner })
        yield* FiberSet.run(calls, write(place, `${place.person} ${id} ${place.app} ${manner}`))
      }
      yield* Effect.sleep((1_000 * count) / rate)
    }
    return FiberSet.awaitEmpty(calls)
  })

/** Hundreds of people write to one relay that is killed every few seconds; what came of it all. */
export const soak = (plan: Plan): Effect.Effect<Settled & { readonly kills: number }> =>
  Effect.gen(function* () {
    const { allowFrom, map, places } = cast(plan.people, plan.apps)
    const owner = yield* user
    const kept = join(owner.directory, "sessions")
    mkdirSync(kept)
    const sessionArguments = { begin: ["begin", "{session}"], resume: ["resume", "{session}"] }
    const manner = plan.stays ? { streamArguments: ["stays"], idleAtMost: 50 } : { arguments: ["once"], output: "text" }
    const asked = { command: ["/bin/sh", agent, kept], ...manner, sessionArguments, timeoutSeconds: 8 }
    const settings = { maxTurns: 12, agent: asked }
    owner.write("clawdis.json", JSON.stringify({ allowFrom, ...settings }))
    owner.write("identity-map.json", map)
    const providers = yield* Providers.make(owner, plan.apps)
    const start = owner.start(["relay", "--providers", plan.apps.join(","), "--log-level", "error"], {
      env: providers.env,
      ...(plan.bin === undefined ? {} : { bin: plan.bin })
    })

    const [accepted, heard, kills]: [Array<Accepted>, Array<Heard>, Array<number>] = [[], [], []]
    const listen = Effect.gen(function* () {
      const at = yield* now
      heard.push(...(yield* providers.heard).map((one) => ({ ...one, at })))
    })
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(listen, Effect.sleep("20 millis"))))

    const trouble = yield* Effect.forkScoped(killing(start, kills))
    const taken = yield* Effect.raceFirst(writing(places, plan, providers.write, accepted), Fiber.join(trouble))
    yield* Fiber.interrupt(trouble)

    const relay = yield* start
    yield* taken
    const settled = () => settle({ accepted, heard, kills, turns: turnsIn(kept) })
    let [last, count] = [yield* now, heard.length]
    while (settled().wrong.some(({ what }) => what === "lost") && (yield* now) - last < patience) {
      yield* Effect.sleep("250 millis")
      if (heard.length > count) [last, count] = [yield* now, heard.length]
    }
    // Whatever is sent too often would come now.
    yield* Effect.sleep("1 second")
    yield* relay.signal("SIGTERM")
    const { status, stderr } = yield* relay.ended
    if (status !== 130) yield* Effect.dieMessage(`the relay did not end as it was told: ${status} ${stderr}`)
    yield* listen
    return { ...settled(), kills: kills.length }
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(plan.seed)))
