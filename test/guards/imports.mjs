// The direction of imports, and cycles. dependency-cruiser succeeds when it finds no file, hence the count.
import { conclude, projectFile, report, sources } from "./guard.mjs"

const { modules, summary } = report(
  "depcruise",
  ...["src", "--config", projectFile(".dependency-cruiser.cjs"), "--output-type", "json"]
)
const findings = summary.violations.map(({ rule, from, to, cycle }) => {
  const { comment } = summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name)
  const path = cycle ? [from, ...cycle.map(({ name }) => name)] : [...new Set([from, to])]
  return `${path.join(" → ")}: ${rule.name}. ${comment}`
})
const seen = new Set(modules.map(({ source }) => source))
const expected = sources("src")
conclude("imports", findings, expected.filter((path) => seen.has(path)).length, expected.length)
