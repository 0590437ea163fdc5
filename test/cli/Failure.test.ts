import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as FiberId from "effect/FiberId"
import { failureOf } from "../../src/cli/Failure.js"
import { IdentityAlreadyLinked, IdentityNotInMapping, TooFewIdentities } from "../../src/identity/IdentityError.js"

const of = (cause: Cause.Cause<unknown>) => failureOf(cause, "warelay identity link --help")

describe("how a command ends", () => {
  it("refused: status 1 and the error's own sentence", () => {
    const error = new IdentityAlreadyLinked({ identity: "telegram:@john", id: "one" })
    assert.deepStrictEqual(of(Cause.fail(error)), { status: 1, text: `error: ${error.message}` })
    assert.deepStrictEqual(of(Cause.fail("a reason")), { status: 1, text: "error: a reason" })
    // That depends on what is in the map.
    assert.strictEqual(of(Cause.fail(new IdentityNotInMapping({ identity: "telegram:@john", id: "one" }))).status, 1)
  })

  it("wrong usage: status 2, on one line, with the command that explains it", () => {
    const invalid = ValidationError.invalidValue(HelpDoc.blocks([HelpDoc.p("this  is\nwrong"), HelpDoc.p("and this")]))
    assert.deepStrictEqual(of(Cause.fail(invalid)), {
      status: 2,
      text: "error: this is wrong; and this. How to: warelay identity link --help"
    })
    assert.strictEqual(of(Cause.fail(new TooFewIdentities({ least: 2 }))).status, 2)
    assert.strictEqual(of(Cause.fail(new IdentityNotInMapping({ identity: "telegram:@john" }))).status, 2)
  })

  it("a bug: status 70, and no number or secret of a person in it", () => {
    const { status, text } = of(Cause.die(new Error("no answer for +1234567890\u001b[2J")))
    assert.strictEqual(status, 70)
    assert.match(text, /^error: this is a bug in warelay, please report it: /)
    assert.notInclude(text, "1234567890")
    assert.notInclude(text, "\u001b")
    assert.include(text, "…7890")
  })

  it("interrupted: status 130, and nothing to say", () => {
    assert.deepStrictEqual(of(Cause.interrupt(FiberId.none)), { status: 130, text: "" })
  })

  it("a refusal that was followed by an interruption is a refusal", () => {
    const both = Cause.sequential(Cause.fail("a reason"), Cause.interrupt(FiberId.none))
    assert.strictEqual(of(both).status, 1)
  })
})
