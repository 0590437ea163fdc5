import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, type User, user } from "./command.js"

const code = /\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/
const word = /\b[A-HJ-NP-Z]{3}[2-9]{2}\b/

/** How many messages the relays have done with. */
const done = (one: User): number => one.read("inbox.ndjson").split('{"done":').length - 1

/** A relay of its own hears this line, says that, and is killed as soon as it has noted that it did. */
const killedAfter = (one: User, line: string, said: RegExp, noted: () => boolean) =>
  Effect.gen(function* () {
    const { child, ended, says, signal } = yield* one.start(["relay", "--providers", "console"], {
      env: { WARELAY_AGENT_ECHO: "true" }
    })
    child.stdin.write(`${line}\n`)
    yield* says(said)
    yield* Effect.repeat(Effect.delay(Effect.sync(noted), "5 millis"), { until: (is) => is })
    yield* signal("SIGKILL")
    const { stdout } = yield* ended
    return said.exec(stdout)?.[0] ?? assert.fail(stdout)
  }).pipe(Effect.scoped)

/** All that stands in the files of the home. */
const all = (home: string): string =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), "latin1"))
    .join("\n")

describe("linking from the chat", () => {
  it.live("goes on where it was when the relay is killed between any two steps, and leaves no secret in any file", () =>
    Effect.gen(function* () {
      const one = yield* user
      const [john, phone] = ["telegram:123456789", "whatsapp:+1234567890"]
      const has = (messages: number) => () => done(one) === messages
      // Who is told again after a crash is told another word.
      const isTold = () => one.read("proofs.json").includes('"told": true')
      const given = yield* killedAfter(one, `${john} /link`, code, has(1))
      const asked = new RegExp(`(?<=answer )${word.source}(?= within)`)
      const joining = yield* killedAfter(one, `${phone} ${given}`, asked, has(2))
      const granting = yield* killedAfter(one, `${phone} ${joining} share`, asked, () => has(3)() && isTold())
      yield* killedAfter(
        one,
        `${john} ${granting}`,
        /→ whatsapp:\+1234567890\n {2}Linked: .* It goes on from what was said in this chat before/,
        () => has(4)() && isTold()
      )
      const printed = JSON.parse(answerOf(yield* one.run(["identity", "list", "--json"])))
      assert.deepStrictEqual(printed[0].identities, { whatsapp: "+1234567890", telegram: "123456789" })
      assert.strictEqual(printed[0].keep, phone)
      const kept = all(one.home)
      for (const secret of [given, given.replace("-", ""), joining, granting]) assert.notInclude(kept, secret)
    }).pipe(Effect.scoped)
  )
})
