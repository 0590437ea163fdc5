import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { within } from "./Implementation.js"
import { namesIn, textAt } from "./Place.js"
import { contentOf, must, prepared, soundly, Violation } from "./Trial.js"

/** How an editor, which takes no lock, saves a file: at one go, in two, or another file in its place. */
const manners = ["in place", "in place, in two steps", "by replacement"] as const
type Manner = (typeof manners)[number]

/** A person with an editor. `begin` and `end` are the two moments of saving; most ways of saving need only one. */
const editor = (path: string, text: string, manner: Manner) => {
  let file: number | undefined
  return {
    begin: () => {
      Fs.mkdirSync(Path.dirname(path), { recursive: true })
      const target = Fs.existsSync(path) ? Fs.realpathSync(path) : path
      if (manner === "by replacement") {
        Fs.writeFileSync(`${target}~`, text)
        Fs.renameSync(`${target}~`, target)
      } else {
        file = Fs.openSync(target, "w")
        if (manner === "in place") Fs.writeSync(file, text)
      }
    },
    end: () => {
      if (file === undefined) return
      if (manner === "in place, in two steps") Fs.writeSync(file, text)
      Fs.closeSync(file)
      file = undefined
    }
  }
}

/**
 * Somebody who takes no lock saves the file before any operation of a change. What he wrote is in the file afterwards; if
 * the command fails, all is just as he left it.
 */
export const edits = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { edits: 0, "in the file": 0, lost: 0 }
    const { edit } = scenario
    if (edit === undefined) return { violations: [], figures }
    // In place in one way or the other, in turn.
    const cases = Array.from(expected.calls.keys()).flatMap((at) =>
      manners.filter((_, n) => n === 2 || (at + n) % 2 === 0).map((manner) => ({ at, manner }))
    )
    const violations = yield* collect(
      cases,
      ({ at, manner }) => `edited ${manner} before ${expected.calls[at]?.operation} (${at})`,
      ({ at, manner }) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* prepared(scenario)
            const home = Path.join(root, scenario.home)
            const path = Path.join(home, edit.file)
            const saving = editor(path, edit.text, manner)
            const disk = FaultyDisk.make((index) => {
              if (index === at) saving.begin()
              else if (index === at + 1) saving.end()
              return "none"
            }, FaultyDisk.withoutSync)
            const command = Effect.gen(function* () {
              const exit = yield* Effect.exit(scenario.command)
              saving.end()
              figures.edits += 1
              if (Exit.isFailure(exit) && Cause.isDie(exit.cause)) {
                return yield* new Violation({ what: `it broke down: ${String(exit.cause)}` })
              }
              const text = textAt(path) ?? ""
              if (Exit.isFailure(exit) && text !== edit.text) {
                return yield* new Violation({ what: "the command failed, and the file is not as it was saved" })
              }
              if (!text.includes("by-hand")) {
                figures.lost += 1
                return yield* new Violation({ what: "what was saved is not in the file" })
              }
              figures["in the file"] += 1
              yield* contentOf(home)
              yield* must(scenario.next)
              const left = namesIn(root).filter((name) => name.endsWith(".tmp"))
              if (left.length > 0) return yield* new Violation({ what: `this is left over: ${left.join(", ")}` })
            })
            yield* soundly("the command", within(implementation, home, disk.layer)(command))
          })
        )
    )
    return { violations, figures }
  })
)
