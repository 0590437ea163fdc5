import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { makeOutput } from "../../src/cli/Output.js"
import { makePipe } from "../support/pipe.js"

let directory = ""
let pipe = 0
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "warelay-output-"))
  makePipe(join(directory, "pipe"))
  pipe = openSync(join(directory, "pipe"), constants.O_RDWR | constants.O_NONBLOCK)
})
afterEach(() => {
  closeSync(pipe)
  rmSync(directory, { recursive: true })
})

/** What is in the pipe. */
const piped = () => {
  const into = Buffer.alloc(1_000_000)
  return into.subarray(0, readSync(pipe, into)).toString()
}

/** An output to the pipe, and what its stream was given; none if nobody has opened one. */
const make = () => {
  const streams: Array<string> = []
  const open = () => {
    const at = streams.push("") - 1
    return new Writable({ write: (part, _, done) => ((streams[at] += String(part)), done()) })
  }
  return { open, output: makeOutput(pipe, open), streams }
}

const taken = (output: ReturnType<typeof make>["output"]) => {
  let called = false
  output.whenTaken(() => (called = true))
  return () => called
}

describe("an output", () => {
  it("is written to without a stream, and taken at once", () => {
    const { output, streams } = make()
    output.write("one\n")
    output.write("zwölf\n")
    assert.isTrue(taken(output)())
    assert.strictEqual(piped(), "one\nzwölf\n")
    assert.deepStrictEqual(streams, [])
  })

  it("is its stream's from the moment somebody has it", () => {
    const { output, streams } = make()
    output.write("one\n")
    output.stream().write("two\n")
    output.write("three\n")
    assert.strictEqual(output.stream(), output.stream())
    assert.strictEqual(piped(), "one\n")
    assert.deepStrictEqual(streams, ["two\nthree\n"])
  })

  it("gives what a full pipe does not take to its stream, and no byte of it twice", () => {
    const filled = writeSync(pipe, Buffer.alloc(60_000, "."))
    const text = Array.from({ length: 1_250 }, (_, at) => `${at}`.padStart(8)).join("")
    const { output, streams } = make()
    output.write(text)
    const through = piped().slice(filled)
    assert.isAbove(through.length, 0)
    assert.isBelow(through.length, text.length)
    assert.deepStrictEqual(streams, [text.slice(through.length)])
  })

  it("leaves what a pipe might wait with to the stream, where waiting can be ended", () => {
    const { output, streams } = make()
    output.write("a".repeat(40_000))
    output.write("b".repeat(40_000))
    output.write("c")
    assert.strictEqual(piped(), "a".repeat(40_000))
    assert.deepStrictEqual(streams, [`${"b".repeat(40_000)}c`])
  })

  it("that cannot be written to is its stream's to tell of", () => {
    const { open, streams } = make()
    const unwritable = openSync(join(directory, "pipe"), constants.O_RDONLY | constants.O_NONBLOCK)
    makeOutput(unwritable, open).write("one")
    closeSync(unwritable)
    assert.deepStrictEqual(streams, ["one"])
  })
})
