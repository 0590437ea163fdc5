import { assert, describe, it } from "@effect/vitest"
import { NotTaken } from "../../src/channels/Channel.js"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import { type Encoded, OtlpSpan } from "../../src/control/tracing/OtlpSpan.js"

/** What is handed over of a span that ends like this. */
const encoded = (
  exit: Exit.Exit<unknown, unknown>,
  prepare: (span: OtlpSpan) => void = () => {},
  parent: Option.Option<Tracer.AnySpan> = Option.none()
): Encoded => {
  const all: Array<Encoded> = []
  const span = new OtlpSpan("work", parent, Context.empty(), [], 1n, "internal", (one) => void all.push(one))
  prepare(span)
  assert.deepStrictEqual(all, [])
  span.end(2_000_000_000_000_000_001n, exit)
  assert.lengthOf(all, 1)
  return all[0] ?? assert.fail()
}

describe("a span", () => {
  it("has no number of more than four digits and nothing that a terminal obeys in what is said of it", () => {
    const span = encoded(Exit.void, (one) => {
      one.attribute("to", "whatsapp:+1234567890\u001b[2J")
      one.attribute("what", { to: "+1234567890", toString: () => "to +1234567890" })
      one.attribute("code.stacktrace", "at /home/you/file.ts:1")
      one.attribute("parts", 3)
      one.attribute("share", 0.5)
      one.attribute("chat", 1234567890)
      one.attribute("many", 1e21)
      one.attribute("none", Number.NaN)
      one.attribute("all", true)
      one.event("sent to +1234567890", 1n, { to: "+1234567890" })
    })
    assert.notInclude(JSON.stringify(span), "1234567890")
    assert.notInclude(JSON.stringify(span), "\\u001b")
    assert.deepStrictEqual(span.attributes, [
      { key: "to", value: { stringValue: "whatsapp:…7890\\u{1b}[2J" } },
      { key: "what", value: { stringValue: "to …7890" } },
      { key: "parts", value: { intValue: 3 } },
      { key: "share", value: { doubleValue: 0.5 } },
      { key: "chat", value: { stringValue: "…7890" } },
      { key: "many", value: { doubleValue: 1e21 } },
      { key: "none", value: { stringValue: "NaN" } },
      { key: "all", value: { boolValue: true } }
    ])
  })

  it("keeps its times to the nanosecond, and is in the trace of its parent", () => {
    const parent = new OtlpSpan("whole", Option.none(), Context.empty(), [], 0n, "internal", () => {})
    const span = encoded(Exit.void, undefined, Option.some(parent))
    assert.deepStrictEqual([span.startTimeUnixNano, span.endTimeUnixNano], ["1", "2000000000000000001"])
    assert.deepStrictEqual([span.traceId, "parentSpanId" in span && span.parentSpanId], [parent.traceId, parent.spanId])
    assert.match(span.traceId, /^[0-9a-f]{32}$/)
    assert.match(span.spanId, /^[0-9a-f]{16}$/)
    assert.notProperty(encoded(Exit.void), "parentSpanId")
    assert.notStrictEqual(encoded(Exit.void).traceId, span.traceId)
  })

  it("says why it failed, masked; of a bug only where it is, and of an interruption that it is none", () => {
    assert.deepStrictEqual(encoded(Exit.void).status, { code: 1 })
    assert.deepStrictEqual(encoded(Exit.interrupt(FiberId.none)).status, { code: 1 })
    assert.deepStrictEqual(encoded(Exit.fail(new NotTaken({ reason: "no line to +1234567890" }))).status, {
      code: 2,
      message: "a message was not taken, because it could not be kept: no line to …7890"
    })
    assert.deepStrictEqual(encoded(Exit.fail("no")).status, { code: 2, message: "no" })
    const { status } = encoded(Exit.failCause(Cause.die(new TypeError("cannot read 'Dear Claude'"))))
    const said = "message" in status ? status.message : ""
    assert.match(said, /^TypeError .*OtlpSpan\.test\.ts/)
    assert.notInclude(said, "Claude")
  })
})
