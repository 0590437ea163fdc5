import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The project's own root, where its tools and their configuration are. A guard looks at the working directory. */
export const projectFile = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** What one of the project's tools reports as JSON, whatever its exit status. */
export const report = (tool, ...args) => {
  const { stdout, stderr, error } = spawnSync(projectFile(`node_modules/.bin/${tool}`), args, {
    encoding: "utf8",
    maxBuffer: 1 << 28
  })
  if (error) throw error
  if (!stdout.startsWith("{")) throw new Error(`${tool} gave no report: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}

/** The TypeScript files with code under these directories, in the form `src/room/File.ts`. */
export const sources = (...directories) =>
  directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true })
      .map((path) => join(directory, path))
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
  )

/** Says what was found. A guard fails on a finding, on a file that it has not looked at, and when there was none. */
export const conclude = (name, findings, lookedAt, expected) => {
  for (const finding of findings) console.error(finding)
  console.error(`${name}: ${lookedAt} files looked at, of ${expected} at least; ${findings.length} problems`)
  if (findings.length > 0 || lookedAt < expected || expected === 0) process.exitCode = 1
}
