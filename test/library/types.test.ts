import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"

/** A program of somebody else's that uses every part of both faces, and the mistakes that its compiler has to see. */
const consumer = `
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision, Identities, Identity, layerAt, layerMemory, SessionKey } from "warelay"
import { IdentityMapClosed, InvalidArgument, type Link, type Mapping, openIdentityMap } from "warelay/promise"

export const promises = async (): Promise<void> => {
  const map = await openIdentityMap({ home: "/srv/relay" })
  const accounts: Link = { whatsapp: "+1234567890", telegram: ["@john", "42"], name: "John" }
  const linked: Mapping = await map.link(accounts)
  const found: Mapping | null = await map.find("telegram", "@john")
  const key: string = await map.deriveSessionKey("per-sender", { From: "+1", provider: "twilio", aliases: ["x"] })
  const raw: string | null = map.denormalizeSessionId("whatsapp", key)
  const provider: "whatsapp" | "telegram" | "twilio" = map.detectProvider(linked.identities.telegram?.toString() ?? "")
  const mappings: ReadonlyArray<Mapping> = await map.list()
  console.log(found?.name, raw, mappings, await map.normalizeSessionId(provider, "x"), await map.unlink(linked.id))
  // @ts-expect-error there is no such provider
  await map.find("sms", "+1")
  // @ts-expect-error a misspelt option
  await openIdentityMap({ hom: "x" })
  // @ts-expect-error null is not a mapping
  const sure: Mapping = await map.get("x")
  try {
    await map.close()
  } catch (error) {
    if (error instanceof IdentityMapClosed || error instanceof InvalidArgument) console.log(error._tag, error.message, sure)
  }
}

export const effects: Effect.Effect<
  string,
  Identities.ChangeError
> = Effect.gen(function* () {
  const { change } = yield* Identities.Identities
  const { derive } = yield* SessionKey.SessionKey
  const identities = Option.toArray(Identity.parse("telegram", "@john"))
  yield* change(Decision.Decision.Link({ identities, name: "John", keep: "none" }))
  return yield* derive("per-sender", { From: "@john" })
}).pipe(Effect.provide(layerMemory))

export const inHome = Effect.provide(Effect.flatMap(Identities.Identities, ({ list }) => list), layerAt("/srv/relay"))
`

let project = ""
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "warelay-test-"))
})
afterEach(() => rmSync(project, { recursive: true }))

describe("the types that ship with the library", () => {
  it("compile in a strict project that has installed nothing else, with libraries checked", () => {
    const installed = join(project, "node_modules/warelay")
    cpSync("dist/types", join(installed, "dist/types"), { recursive: true })
    cpSync("package.json", join(installed, "package.json"))
    symlinkSync(resolve("node_modules/effect"), join(project, "node_modules/effect"))
    writeFileSync(join(project, "package.json"), '{ "type": "module" }')
    writeFileSync(join(project, "consumer.ts"), consumer)
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      module: "NodeNext",
      target: "ES2022",
      lib: ["ES2023", "DOM"],
      types: [],
      noEmit: true
    }
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }))
    const { status, stdout } = spawnSync(
      process.execPath,
      [resolve("node_modules/typescript/bin/tsc"), "-p", project],
      {
        encoding: "utf8"
      }
    )
    assert.deepStrictEqual([stdout, status], ["", 0])
  })
})
