import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { OpenIdentityMap } from "../../src/promise.js"
import { answerOf, bin, mapping, mapText, printed, program } from "../cli/command.js"
import { addressOf, promiseFace } from "./installed.js"

const { openIdentityMap } = await promiseFace()

let home = ""
let map: OpenIdentityMap
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "warelay-test-"))
  map = await openIdentityMap({ home })
})
afterEach(async () => {
  await map.close()
  rmSync(home, { recursive: true })
})

const john = { whatsapp: "+1 234 567 890", telegram: "@john" }

/** What a call that must not succeed is rejected with. */
const rejection = async (promise: Promise<unknown>): Promise<Error & { readonly _tag: string }> => {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error })
  )
  assert.isTrue("error" in outcome, `${JSON.stringify(outcome)} did not reject`)
  const error = "error" in outcome ? outcome.error : undefined
  assert.instanceOf(error, Error)
  assert.isString(Reflect.get(error as Error, "_tag"))
  assert.notInclude(error?.constructor.name ?? "", "FiberFailure")
  return error as Error & { readonly _tag: string }
}

const run = (args: ReadonlyArray<string>) =>
  Effect.runPromise(
    Effect.map(
      program(process.execPath, [bin, ...args], {
        env: { PATH: process.env["PATH"] ?? "", HOME: home, WARELAY_HOME: home }
      }),
      answerOf
    )
  )

describe("warelay/promise", () => {
  it("link resolves to the mapping, which list, get and find then have, and unlink to the one removed", async () => {
    const linked = await map.link({ ...john, twilio: ["+1999999999", "US.1a"], name: "John" })
    assert.match(linked.id, /^shared-[0-9a-f]{8}-[0-9a-f]{8}$/)
    assert.deepStrictEqual(linked.identities, {
      whatsapp: "+1234567890",
      telegram: "@john",
      twilio: ["+1999999999", "US.1a"]
    })
    assert.deepStrictEqual([linked.name, linked.createdAt], ["John", linked.updatedAt])
    assert.deepStrictEqual(
      JSON.parse(readFileSync(join(home, "identity-map.json"), "utf8")).mappings[linked.id],
      linked
    )
    assert.deepStrictEqual(await map.list(), [linked])
    assert.deepStrictEqual(await map.get(linked.id), linked)
    assert.deepStrictEqual(await map.find("telegram", "@JOHN"), linked)
    assert.deepStrictEqual(await map.find("twilio", "US.1a"), linked)
    assert.deepStrictEqual(await map.unlink(linked.id), linked)
    assert.deepStrictEqual(await map.list(), [])
  })

  it("what is not there is null", async () => {
    for (const id of ["shared-abc-123", "", "constructor", "__proto__"]) assert.isNull(await map.get(id))
    assert.isNull(await map.find("whatsapp", "+1234567890"))
    await map.link(john)
    assert.isNull(await map.find("twilio", "+1234567890"))
    assert.deepStrictEqual(readdirSync(home).sort(), [
      "identity-journal.ndjson",
      "identity-map.json",
      "identity-map.json.lock"
    ])
  })

  it("keys are those of the relay", async () => {
    const contexts = [
      [{ From: "telegram:@John" }, "telegram:@John"],
      [{ From: "whatsapp:+1234567890" }, "+1234567890"],
      [{ From: "+1234567890", provider: "twilio" }, "+1234567890"],
      [{ From: "telegram:42", provider: "telegram", aliases: ["@john"] }, "telegram:42"],
      [{ From: "12345-678@g.us" }, "group:12345-678@g.us"],
      [{ From: "telegram:-100", chatType: "group" }, "group:telegram:-100"],
      [{ From: " " }, "unknown"],
      [{}, "unknown"],
      [{ From: "hello" }, "unknown:hello"]
    ] as const
    for (const [context, key] of contexts) assert.strictEqual(await map.deriveSessionKey("per-sender", context), key)
    assert.strictEqual(await map.deriveSessionKey("global", { From: "telegram:@john" }), "global")
    const { id } = await map.link(john)
    for (const [index, key] of [id, id, "+1234567890", id, "group:12345-678@g.us"].entries()) {
      const [context] = contexts[index] ?? [{}]
      assert.strictEqual(await map.deriveSessionKey("per-sender", context), key)
    }
    assert.strictEqual(await map.normalizeSessionId("telegram", "@JOHN"), id)
    assert.strictEqual(await map.normalizeSessionId("twilio", "+1234567890"), "+1234567890")
    assert.strictEqual(await map.normalizeSessionId("telegram", "@jane"), "telegram:@jane")
    await map.unlink(id)
    assert.strictEqual(await map.normalizeSessionId("whatsapp", "+1234567890"), "+1234567890")
  })

  it("a context may have more in it than is asked for", async () => {
    const context = { From: "telegram:@john", To: "telegram:@bot", Body: "Hi" }
    assert.strictEqual(await map.deriveSessionKey("per-sender", context), "telegram:@john")
  })

  it("two functions answer at once, and need no map", async () => {
    assert.deepStrictEqual(
      ["telegram:1", "@x", "sms:+1", "twilio:+1", "whatsapp:+1", "+1", ""].map(map.detectProvider),
      ["telegram", "telegram", "twilio", "twilio", "whatsapp", "whatsapp", "whatsapp"]
    )
    assert.strictEqual(map.denormalizeSessionId("telegram", "telegram:@john"), "@john")
    assert.strictEqual(map.denormalizeSessionId("whatsapp", "+1234567890"), "+1234567890")
    for (const [provider, key] of [
      ["telegram", "+1234567890"],
      ["whatsapp", "shared-abc-123"],
      ["telegram", "group:telegram:-1"],
      ["whatsapp", "global"]
    ] as const) {
      assert.isNull(map.denormalizeSessionId(provider, key))
    }
  })

  it("a refusal rejects with our own error and its sentence, and changes nothing", async () => {
    const { id } = await map.link(john)
    const before = readFileSync(join(home, "identity-map.json"), "utf8")
    const taken = await rejection(map.link({ whatsapp: "+1999999999", telegram: "@John" }))
    assert.strictEqual(taken._tag, "IdentityAlreadyLinked")
    assert.include(taken.message, id)
    assert.strictEqual((await rejection(map.link({ telegram: "@jane" })))._tag, "TooFewIdentities")
    const gone = await rejection(map.unlink("shared-abc-123"))
    assert.deepStrictEqual([gone._tag, gone.message.includes("shared-abc-123")], ["MappingNotFound", true])
    assert.strictEqual(readFileSync(join(home, "identity-map.json"), "utf8"), before)
  })

  it("an unreadable map is refused by whatever decides by it, and keeps people apart meanwhile", async () => {
    const { id } = await map.link(john)
    writeFileSync(join(home, "identity-map.json"), '{\n "version": 1,\n}')
    for (const call of [
      () => map.list(),
      () => map.get(id),
      () => map.find("telegram", "@john"),
      () => map.unlink(id),
      () => map.link(john)
    ]) {
      const error = await rejection(call())
      assert.strictEqual(error._tag, "IdentityMapUnreadable")
      assert.include(error.message, "line 3, column 1")
    }
    assert.strictEqual(await map.deriveSessionKey("per-sender", { From: "@john" }), id)
    const fresh = await openIdentityMap({ home })
    assert.strictEqual(await fresh.deriveSessionKey("per-sender", { From: "@john" }), "telegram:@john")
    await fresh.close()
  })

  it("arguments that are none are rejected with what and where, and nothing is done", async () => {
    const js: Record<string, (...args: ReadonlyArray<unknown>) => Promise<unknown>> = Object.fromEntries(
      Object.entries(map)
    )
    for (const [name, args, place] of [
      ["link", [], "accounts: "],
      ["link", [null], "accounts: "],
      ["link", [{ ...john, whatsapp: 5 }], "accounts.whatsapp: "],
      ["link", [{ ...john, telegram: ["@john", null] }], "accounts.telegram: "],
      ["link", [{ ...john, name: "" }], "accounts.name: a name has 1 to 200 characters"],
      ["link", [{ ...john, watsapp: "+1999999999" }], "accounts.watsapp: is unexpected"],
      ["link", [{ ...john, telegram: "john" }], 'telegram "john": expected a username such as @john'],
      ["unlink", [undefined], "id: "],
      ["get", [5], "id: "],
      ["find", ["sms", "+1234567890"], "provider: "],
      ["find", ["whatsapp", "nobody"], 'whatsapp "nobody": expected a phone number'],
      ["find", ["whatsapp"], "id: "],
      ["normalizeSessionId", ["telegram", {}], "id: "],
      ["deriveSessionKey", ["everybody", {}], "scope: "],
      ["deriveSessionKey", ["per-sender", null], "context: "],
      ["deriveSessionKey", ["per-sender", { From: 5 }], "context.From: "],
      ["deriveSessionKey", ["per-sender", { provider: "sms" }], "context.provider: "]
    ] as const) {
      const error = await rejection(js[name]?.(...args) ?? Promise.resolve())
      assert.strictEqual(error._tag, "InvalidArgument", name)
      assert.isTrue(error.message.startsWith(place), `${name}: ${error.message}`)
      assert.notInclude(error.message, "\n")
    }
    for (const [name, args] of [
      ["detectProvider", [5]],
      ["denormalizeSessionId", ["sms", "+1"]],
      ["denormalizeSessionId", ["telegram", null]]
    ] as const) {
      assert.throws(() => js[name]?.(...args), /: Expected /)
    }
    assert.deepStrictEqual(readdirSync(home), [])
    const open: (options: unknown) => Promise<unknown> = Object(openIdentityMap)
    for (const options of [null, { home: 5 }, { home: "" }]) {
      assert.strictEqual((await rejection(open(options)))._tag, "InvalidArgument")
    }
  })

  it("after close every promise is rejected, and closing again is fine", async () => {
    const linking = map.link(john)
    await map.close()
    await linking
    for (const call of [
      () => map.list(),
      () => map.get("x"),
      () => map.find("telegram", "@john"),
      () => map.link(john),
      () => map.unlink("x"),
      () => map.normalizeSessionId("telegram", "@john"),
      () => map.deriveSessionKey("per-sender", {})
    ]) {
      const error = await rejection(call())
      assert.strictEqual(error._tag, "IdentityMapClosed")
      assert.include(error.message, "openIdentityMap()")
    }
    assert.strictEqual(map.detectProvider("@john"), "telegram")
    await map.close()
  })

  it("two open maps and the command see each other's changes at the next call", async () => {
    const other = await openIdentityMap({ home })
    const { id } = await map.link(john)
    assert.strictEqual(await other.deriveSessionKey("per-sender", { From: "telegram:@john" }), id)
    assert.deepStrictEqual(JSON.parse(await run(["identity", "list", "--json"])), await other.list())
    const second = printed(await run(["identity", "link", "--telegram", "@jane", "--twilio", "+1999999999", "--json"]))
    assert.deepStrictEqual(await map.find("telegram", "@jane"), second)
    await other.unlink(id)
    assert.isNull(await map.get(id))
    assert.deepStrictEqual(JSON.parse(await run(["identity", "list", "--json"])), [second])
    await other.close()
  })

  it("links that are made at the same time from several places are all there", async () => {
    const other = await openIdentityMap({ home })
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? map : other).link({ whatsapp: `+1555000${1000 + index}`, telegram: `@user${index}` })
      )
    )
    assert.sameDeepMembers([...(await map.list())], made)
    await other.close()
  })

  it("an edit by hand and a deleted file are followed", async () => {
    writeFileSync(join(home, "identity-map.json"), mapText(mapping("by-hand")))
    assert.strictEqual(await map.normalizeSessionId("telegram", "@john"), "by-hand")
    rmSync(join(home, "identity-map.json"))
    assert.strictEqual(await map.normalizeSessionId("telegram", "@john"), "telegram:@john")
    assert.deepStrictEqual(await map.list(), [])
  })
})

describe("somebody else's process", () => {
  const script = `
    import { writeFileSync } from "node:fs"
    import { openIdentityMap } from ${JSON.stringify(addressOf("warelay/promise"))}
    const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]).sort().join()
    const before = listeners()
    const map = await openIdentityMap()
    await map.link({ whatsapp: "+1234567890", telegram: "@john" })
    await map.link({ telegram: "@john" }).catch(() => {})
    await map.get("x")
    writeFileSync(process.env["WARELAY_HOME"] + "/identity-map.json", "{")
    if ((await map.normalizeSessionId("telegram", "@john")) === "telegram:@john") throw new Error("not the last good one")
    if (listeners() !== before) throw new Error(listeners())
    await map.close()
    if (listeners() !== before) throw new Error(listeners())`

  it("gets no logs and no listeners, takes the home from the environment, and ends by itself", async () => {
    const ran = await Effect.runPromise(
      program(process.execPath, ["--input-type=module", "-e", script], {
        env: { PATH: process.env["PATH"] ?? "", HOME: home, WARELAY_HOME: join(home, "other") }
      })
    )
    assert.deepStrictEqual(ran, { status: 0, stdout: "", stderr: "" })
    assert.include(readdirSync(join(home, "other")), "identity-map.json")
  })
})
