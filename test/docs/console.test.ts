import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Likeness } from "./Likeness.js"
import { inLanguage, placeOf } from "./markdown.js"
import { Sandbox, Shell } from "./Sandbox.js"

interface Typed {
  readonly command: string
  readonly output: string
}

/** The commands behind `$ `, each with the lines that follow it. */
const typedIn = (text: string): ReadonlyArray<Typed> => {
  const [before = "", ...commands] = `\n${text}`.split("\n$ ")
  assert.strictEqual(before, "", "a console block begins with a command")
  return commands.map((typed) => {
    const [command = "", ...output] = typed.split("\n")
    return { command, output: output.join("\n") }
  })
}

const examples = inLanguage("console")
const sections = new Map(
  examples.map(({ document, heading }) => [
    `${document}, ${heading}`,
    examples.filter((other) => other.document === document && other.heading === heading)
  ])
)

// Under one heading, examples go on from each other; the next begins with an empty home.
describe.each(Array.from(sections))("%s: a command line does what is shown", (_, section) => {
  const sandbox = new Sandbox()
  const shell = new Shell(sandbox)
  const likeness = new Likeness()
  beforeAll(() => assert.isNotEmpty(section))
  afterAll(async () => {
    await shell.close()
    sandbox.remove()
  })

  it.each(section.map((block) => [placeOf(block), block.text] as const))("%s", async (_, text) => {
    for (const { command, output } of typedIn(text)) {
      likeness.compare(output, await shell.run(likeness.translate(command), sandbox.home))
    }
  })
})
