import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import stringWidth from "string-width"
import { columns } from "../../src/cli/render/columns.js"
import * as Json from "../../src/cli/render/json.js"
import * as Mapping from "../../src/cli/render/mapping.js"
import { plain } from "../../src/cli/render/plain.js"
import { relative, relativeTo } from "../../src/cli/render/time.js"
import { WrittenMapping } from "../../src/identity/IdentityMappingSchema.js"
import { mapping } from "./command.js"

const decoded = Schema.decodeUnknownSync(WrittenMapping)
/** Names with much in them that a terminal obeys. */
const typed = FastCheck.string({
  unit: FastCheck.oneof(
    FastCheck.constantFrom(..."ab\n\t\r\u001b\u0007\u007f\u009b\u2028\u202e\u2066😀"),
    FastCheck.string({ unit: "binary", minLength: 1, maxLength: 1 })
  )
})
const now = Date.parse("2024-01-03T00:00:00Z")

describe("columns", () => {
  it("line up by what the terminal shows, not by how it is stored", () => {
    const rows = [
      ["John", "|"],
      ["王秀英", "|"],
      ["👨‍👩‍👧 Müller", "|"],
      ["e\u0301", "|"]
    ]
    const starts = columns(rows).map((line) => stringWidth(line.slice(0, line.indexOf("|"))))
    assert.deepStrictEqual(starts, [11, 11, 11, 11])
  })

  it.prop(
    "every cell is there, in order, and nothing stands behind the last",
    [
      FastCheck.array(
        FastCheck.tuple(FastCheck.stringMatching(/^[a-z]{0,9}$/), FastCheck.stringMatching(/^[a-z]{1,9}$/))
      )
    ],
    ([rows]) => {
      const lines = columns(rows)
      assert.deepStrictEqual(
        lines.map((line) => line.trim().split(/ +/)),
        rows.map((row) => row.filter((cell) => cell !== ""))
      )
      assert.isAtMost(new Set(lines.map((line, index) => line.lastIndexOf(rows[index]?.[1] ?? ""))).size, 1)
    }
  )

  it("no rows are no lines", () => assert.deepStrictEqual(columns([]), []))
})

describe("a time", () => {
  const minute = 60_000
  const day = 1_440 * minute
  it.each([
    [0, "just now"],
    [59_999, "just now"],
    [minute, "1 minute ago"],
    [59 * minute, "59 minutes ago"],
    [60 * minute, "1 hour ago"],
    [day - 1, "23 hours ago"],
    [day, "1 day ago"],
    [7 * day, "1 week ago"],
    [29 * day, "4 weeks ago"],
    [30 * day, "1 month ago"],
    [364 * day, "12 months ago"],
    [800 * day, "2 years ago"],
    [-2 * minute, "in 2 minutes"]
  ])("%i milliseconds before now is %s", (before, words) => assert.strictEqual(relative(now - before, now), words))

  it("in any time zone means the same", () => {
    assert.strictEqual(relativeTo("2024-01-02T23:00:00-01:00", now), "just now")
    assert.strictEqual(relativeTo("2024-01-01T00:00:00Z", now), "2 days ago")
  })
})

describe("mappings", () => {
  const john = decoded(mapping("shared-abc-123", { name: "John" }))
  const family = decoded(
    mapping("family", { identities: { whatsapp: ["+1234567890", "12345@lid"], twilio: "+1999999999" }, keep: "none" })
  )

  it("are a line each, under titles", () => {
    assert.strictEqual(
      Mapping.list([john, family], now),
      [
        "ID              NAME  LINKED      ACCOUNTS",
        "shared-abc-123  John  2 days ago  whatsapp:+1234567890 telegram:@john",
        "family          -     2 days ago  whatsapp:+1234567890 whatsapp:12345@lid twilio:+1999999999"
      ].join("\n")
    )
  })

  it("one alone is a field a line, with the exact times", () => {
    assert.strictEqual(
      Mapping.details(family, now),
      [
        "Id         family",
        "Name       -",
        "Accounts   whatsapp:+1234567890",
        "           whatsapp:12345@lid",
        "           twilio:+1999999999",
        "Continues  no earlier conversation",
        "Linked     2 days ago (2024-01-01T00:00:00Z)",
        "Changed    2 days ago (2024-01-01T00:00:00Z)"
      ].join("\n")
    )
  })

  it.prop("whatever a name is, the list has one line for it and JSON gives it back", [typed], ([name]) => {
    const named = decoded(mapping("one", { name }))
    assert.strictEqual(Mapping.list([named], now).split("\n").length, 2)
    assert.notMatch(Mapping.list([named], now).replace("\n", ""), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    const json = Json.mapping(named)
    assert.notMatch(json.replaceAll("\n", ""), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    assert.strictEqual(JSON.parse(json).name, name)
    assert.deepStrictEqual(
      JSON.parse(
        Json.mappings([{ mapping: named, raw: {} }])
          .map((part) => part())
          .join("\n")
      ),
      [JSON.parse(json)]
    )
  })
})

describe("plain text", () => {
  it("has no colours, and all of the words", () =>
    assert.strictEqual(plain("\u001b[1mUsage\u001b[0m [x] \u001b[0;37;1my\u001b[m"), "Usage [x] y"))
})

describe("many mappings as JSON", () => {
  it.each([0, 1, 999, 1_000, 1_001, 2_500])("are one document, though %i are printed in parts", (count) => {
    const all = Array.from({ length: count }, (_, n) => decoded(mapping(`shared-${n}`, { name: `Person\n${n}` })))
    const text = Json.mappings(all.map((mapping) => ({ mapping, raw: {} })))
      .map((part) => part())
      .join("\n")
    assert.strictEqual(
      text,
      JSON.stringify(
        all.map((one) => Schema.encodeSync(WrittenMapping)(one)),
        null,
        2
      )
    )
  })
})
