import { assert, describe, it } from "@effect/vitest"
import { assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import { codec } from "../../src/identity/IdentityMapText.js"
import { check } from "../../src/identity/MapCheck.js"

const mapping = (id: string, identities: string) =>
  `"${id}": {
      "id": "${id}",
      "identities": ${identities},
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    }`

const findings = (...mappings: ReadonlyArray<string>) => {
  const text = `{
  "version": 1,
  "mappings": {
    ${mappings.join(",\n    ")}
  }
}
`
  return check(Either.getOrThrow(codec.decode(text)), text)
}

describe("a map that can be read", () => {
  it("has nothing wrong in it as long as every identity is in one mapping", () => {
    deepStrictEqual(findings(), [])
    const john = mapping("john", '{ "whatsapp": "+1234567890", "telegram": ["@john", "42"] }')
    deepStrictEqual(findings(john, mapping("jane", '{ "twilio": "+1234567890", "telegram": "@jane" }')), [])
  })

  it("has every identity named that stands in a second mapping, with its place, and the mapping that has it", () => {
    const found = findings(
      mapping("a", '{ "whatsapp": "+1234567890", "telegram": "@john" }'),
      mapping("b", '{ "telegram": ["7", "@JOHN"] }'),
      mapping("c", '{ "whatsapp": "+1234567890", "telegram": "7" }')
    )
    deepStrictEqual(
      found.map(({ problem }) => problem),
      [
        "telegram:@JOHN stands in b and, before that, in a: it belongs to a alone",
        "whatsapp:…7890 stands in c and, before that, in a: it belongs to a alone",
        "telegram:7 stands in c and, before that, in b: it belongs to b alone"
      ]
    )
    const [john, whatsapp, seven] = found
    assertSome(john?.at ?? assert.fail(), { line: 12, column: 41 })
    assertSome(whatsapp?.at ?? assert.fail(), { line: 18, column: 35 })
    assertSome(seven?.at ?? assert.fail(), { line: 18, column: 62 })
  })
})
