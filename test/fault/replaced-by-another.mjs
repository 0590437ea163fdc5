// A process that puts the next content in place of a file's for every line that it is told, and then says so. A text has
// `%` where it differs, always in as many characters.
import { renameSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"

const [file, text] = process.argv.slice(2)

createInterface({ input: process.stdin }).on("line", (what) => {
  writeFileSync(`${file}.new`, text.replaceAll("%", what), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  process.stdout.write(`${what}\n`)
})
