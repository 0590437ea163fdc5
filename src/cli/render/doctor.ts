import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import type { Report } from "../../layers/doctor.js"
import type { Problem } from "../../storage/Problem.js"

/** A problem as `--json` has it. */
export const fields = ({ at, file, fix, problem }: Problem) => ({
  file,
  problem,
  ...Option.getOrElse(at, () => ({})),
  fix
})

const problem = ({ at, file, fix, problem }: Problem): string => {
  const place = Option.match(at, {
    onNone: () => file,
    onSome: ({ column, line }) => `${file}, line ${line}, column ${column}`
  })
  return `${printable(`${place}: ${problem}`)}\n  ${printable(fix)}`
}

/** Each problem with what to do about it; one line where there is none. */
export const report = ({ directory, looked, problems }: Report): string => {
  if (problems.length > 0) return problems.map(problem).join("\n")
  const home = printable(directory)
  return looked === 0
    ? `There is nothing in ${home} yet, so nothing is wrong.`
    : `Nothing is wrong in ${home}. Files and directories looked at: ${looked}.`
}
