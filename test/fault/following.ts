import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { within } from "./Implementation.js"
import { contentOf, must, prepared, same, soundly, Violation } from "./Trial.js"

/** Another content of the same length: the first letter in quotes becomes the next in the alphabet, or the one before. */
const alike = (text: string): string => text.replace("telegram:7", "telegram:8").replace('"7"', '"6"')

/** Ways of changing a file that leave its size and its time of modification as they were, as `rsync -t` and `cp -p` do. */
const manners = {
  "in place": (path: string, text: string) => Fs.writeFileSync(path, text),
  "by replacement": (path: string, text: string) => {
    Fs.writeFileSync(`${path}~`, text)
    Fs.renameSync(`${path}~`, path)
  }
}

/** Coarser than this no file system that we know tells the time at which a file's state changed. */
const tick = "30 millis"

/** Who has read a file sees what becomes of it, even where neither its size nor its time of modification tells. */
export const following = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { followed: 0 }
    const { edit } = scenario
    if (edit === undefined) return { violations: [], figures }
    const violations = yield* collect(
      Object.entries(manners),
      ([manner]) => `changed ${manner}`,
      ([, save]) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* prepared(scenario)
            const home = Path.join(root, scenario.home)
            const path = Path.join(home, edit.file)
            if (!Fs.existsSync(path)) return
            // A time that anything can tell and set to the last digit.
            const time = 1_700_000_000
            yield* Effect.sync(() => Fs.utimesSync(path, time, time))
            const trial = Effect.gen(function* () {
              const before = yield* contentOf(home)
              if (!same(before, expected.old)) return yield* new Violation({ what: "the old content was not read" })
              yield* Effect.sleep(tick)
              yield* contentOf(home)
              const target = Fs.realpathSync(path)
              const text = Fs.readFileSync(target, "utf8")
              save(target, alike(text))
              Fs.utimesSync(target, time, time)
              const after = yield* contentOf(home)
              if (text === alike(text) || after.value === before.value) {
                return yield* new Violation({ what: "who had read the file does not see it" })
              }
              figures.followed += 1
              yield* must(scenario.next)
            })
            yield* soundly("reading", within(implementation, home, FaultyDisk.withoutSync)(trial))
          })
        )
    )
    return { violations, figures }
  })
)

/** A document of which only half is there is nobody's to replace: the command fails, and every byte stays. */
export const refusals = comparing((implementation, scenario) =>
  Effect.gen(function* () {
    const figures = { refusals: 0 }
    const { edit } = scenario
    if (edit === undefined) return { violations: [], figures }
    const violations = yield* collect(
      [0, 0.5, 0.99],
      (part) => `of a file of which ${part * 100} % is there`,
      (part) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* prepared(scenario)
            const home = Path.join(root, scenario.home)
            const path = Path.join(home, edit.file)
            const text = edit.text.slice(0, Math.floor(edit.text.length * part))
            yield* Effect.sync(() => {
              Fs.mkdirSync(home, { recursive: true })
              Fs.writeFileSync(path, text)
            })
            const result = yield* within(
              implementation,
              home,
              FaultyDisk.withoutSync
            )(Effect.either(scenario.command)).pipe((running) => soundly("the command", running))
            if (result._tag === "Right") return yield* new Violation({ what: "it was acknowledged" })
            if (Fs.readFileSync(path, "utf8") !== text) return yield* new Violation({ what: "the file was changed" })
            figures.refusals += 1
          })
        )
    )
    return { violations, figures }
  })
)
