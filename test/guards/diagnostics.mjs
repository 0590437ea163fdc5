// Effect's own diagnostics. The command succeeds when the tsconfig does not name its plugin, hence the count.
import { relative } from "node:path"
import { conclude, report, sources } from "./guard.mjs"

const { diagnostics, summary } = report(
  "effect-language-service",
  ...["diagnostics", "--project", "tsconfig.json", "--severity", "error,warning", "--format", "json"]
)
const findings = diagnostics.map(
  ({ file, line, column, severity, name, message }) =>
    `${relative("", file)}:${line}:${column}: ${severity} ${name}. ${message}`
)
conclude("Effect diagnostics", findings, summary.filesChecked, sources("src", "test").length)
