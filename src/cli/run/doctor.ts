import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { printable } from "../../config/Printable.js"
import { examine, mend } from "../../layers/doctor.js"
import * as storage from "../../layers/storage.js"
import { fields, report } from "../render/doctor.js"
import { json } from "../render/json.js"

/** The home is not as it should be. */
class ProblemsFound extends Schema.TaggedError<ProblemsFound>()("ProblemsFound", {
  directory: Schema.String,
  count: Schema.Number,
  /** How many of them `--fix` would try to repair. */
  repairable: Schema.Number
}) {
  override get message(): string {
    const what = `${this.count} ${this.count === 1 ? "problem" : "problems"} in ${this.directory}`
    return this.repairable === 0
      ? `${what}. Do what is said of each, and look again.`
      : `${what}. warelay identity doctor --fix repairs ${this.repairable} of them.`
  }
}

export interface Line {
  readonly fix: boolean
  readonly json: boolean
}

/** Looks at the home, after mending it if that is asked for. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const { report: found, said } = line.fix ? yield* mend() : { said: [], report: yield* examine }
    const say = line.json ? Console.error : Console.log
    yield* Effect.forEach(said, (sentence) => say(printable(sentence)), { discard: true })
    const { directory, problems } = found
    yield* Console.log(line.json ? json(problems.map(fields)) : report(found))
    const repairable = line.fix ? 0 : problems.filter(({ repair }) => Option.isSome(repair)).length
    if (problems.length > 0) return yield* new ProblemsFound({ directory, count: problems.length, repairable })
  }).pipe(Effect.provide(storage.layer))
