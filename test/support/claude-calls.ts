import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The executable that stands for the `claude` command. */
export const claudeStandIn = fileURLToPath(new URL("./claude-stand-in.mjs", import.meta.url))

/** One run of the stand-in, as it saw it. */
export interface ClaudeCall {
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
  readonly pid: number
  readonly child?: number
}

/** All runs that kept their sessions in this directory. A run that ended early is not among them. */
export const claudeCalls = (home: string): ReadonlyArray<ClaudeCall> =>
  readFileSync(`${home}/calls.ndjson`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ClaudeCall)
