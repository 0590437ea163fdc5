import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { mapping, mapText } from "../cli/command.js"
import { makePipe } from "../support/pipe.js"

export interface Place {
  readonly line: number
  readonly column: number
}

/** A file that is not what it should be. */
export interface BadFile {
  readonly name: string
  readonly put: (path: string) => void
  /** Where it is wrong; absent for one that is wrong as a whole. */
  readonly at?: Place
  /** Part of what is said of it. */
  readonly says: string
  /** Why it cannot be tried here. */
  readonly unless?: string | undefined
}

const isRoot = process.getuid?.() === 0

/** Stands in the texts here in front of what is wrong, and is taken out. */
const mark = "‸"

const lineEnd = /\r\n|[\r\n]/

export const endOf = (text: string): Place => {
  const lines = text.split(lineEnd)
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 }
}

/** A text that is wrong at the mark in it. */
const wrongAt = (name: string, marked: string, says: string): BadFile => {
  const [before = "", behind, ...more] = marked.split(mark)
  if (behind === undefined || more.length > 0) throw new Error(`${name}: one mark is needed in ${marked}`)
  return { name, put: (path) => writeFileSync(path, before + behind), at: endOf(before), says }
}

const asWhole = (name: string, put: BadFile["put"], says: string, unless?: string): BadFile => ({
  name,
  put,
  says,
  unless
})

const bytes = (name: string, content: Uint8Array, says: string): BadFile =>
  asWhole(name, (path) => writeFileSync(path, content), says)

/** The text with a part of it replaced, which must be there once. */
const but = (text: string, part: string, other: string): string => {
  const [before, behind, ...more] = text.split(part)
  if (before === undefined || behind === undefined || more.length > 0) throw new Error(`not once in the text: ${part}`)
  return before + other + behind
}

const megabyte = 1024 * 1024

/** What stands at the path and is no file with a text in it, whatever it should be a text of. */
const otherThanTexts: ReadonlyArray<BadFile> = [
  asWhole("a directory", (path) => mkdirSync(path), "it is not a regular file"),
  asWhole("a pipe", makePipe, "it is not a regular file"),
  asWhole("a device", (path) => symlinkSync("/dev/zero", path), "it is not a regular file"),
  asWhole("a link to a directory", (path) => symlinkSync(".", path), "it is not a regular file"),
  asWhole("a link to itself", (path) => symlinkSync(path, path), "Its symbolic links form a loop"),
  asWhole(
    "a socket",
    // One that is killed leaves its name behind.
    (path) =>
      spawnSync(process.execPath, [
        "-e",
        "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))",
        path
      ]),
    "A socket or a device stands where a file should be"
  ),
  asWhole(
    "more than one file can serve",
    (path) => {
      writeFileSync(path, "")
      truncateSync(path, 64 * megabyte + 1)
    },
    "it is larger than 64 MiB"
  ),
  asWhole(
    "a file that we may not read",
    (path) => {
      writeFileSync(path, "{}")
      chmodSync(path, 0)
    },
    "Permission denied",
    isRoot ? "root may read everything" : undefined
  ),
  {
    name: "zeros, as a crash leaves them on some file systems",
    put: (path) => {
      writeFileSync(path, "")
      truncateSync(path, megabyte)
    },
    at: { line: 1, column: 1 },
    says: 'Unexpected "\\u0000"'
  }
]

const invalidUtf8: ReadonlyArray<readonly [name: string, content: (text: string) => Uint8Array]> = [
  ["UTF-16 with a mark", (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")])],
  ["Latin-1", (text) => Buffer.from(text.replace(/[a-z]/, "é"), "latin1")],
  ["a character cut in two", (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xe2, 0x82])])],
  ["half of a surrogate pair as bytes", (text) => Buffer.concat([Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(text)])]
]

/** What can happen to a text of JSON, whatever is in it. The text is an object over several lines. */
const damaged = (text: string): ReadonlyArray<BadFile> => {
  const firstKey = /"[^"]+"/.exec(text)?.[0] ?? ""
  const inFront = (what: string) => text.replace("{", `{ ${what},`)
  const incomplete = "it ends here, and is not complete"
  const cut = (name: string, behind: string) =>
    wrongAt(name, `${text.slice(0, text.indexOf(behind) + behind.length)}${mark}`, incomplete)
  const deep = (levels: number) => inFront(`"deep": ${"[".repeat(levels)}${"]".repeat(levels)}`)
  return [
    { ...wrongAt("nothing", mark, "there is nothing in it") },
    wrongAt("only spaces", `${mark} \n\t\n `, "there is nothing in it"),
    cut("cut off behind a bracket", "{"),
    cut("cut off behind a key", firstKey),
    cut("cut off within a key", firstKey.slice(0, 3)),
    cut("cut off behind a colon", ":"),
    cut("cut off behind a comma", ","),
    wrongAt("cut off before its last bracket", `${text.trimEnd().slice(0, -1).trimEnd()}${mark}\n`, incomplete),
    wrongAt("cut off behind a backslash", `${text.slice(0, text.indexOf(":") + 1)} "\\${mark}`, incomplete),
    wrongAt("two documents", `${text}${mark}${text}`, 'Unexpected "{"'),
    wrongAt("an older, longer text behind it", `${text}${mark}}\n}\n`, 'Unexpected "}"'),
    wrongAt("a comma too many", text.replace(/\n\}\s*$/, `,\n${mark}}\n`), 'Unexpected "}"'),
    wrongAt("a colon too few", text.replace(/(\n\s*"\w+"):\s*/, `$1 ${mark}`), "Unexpected "),
    wrongAt("a key without quotes", text.replace(/\n\s*"(\w+)":/, `\n ${mark}$1:`), "Unexpected "),
    wrongAt(
      "a key that stands twice",
      `{ ${firstKey}: 1, ${mark}${text.slice(text.indexOf(firstKey))}`,
      "this key stands twice in one object"
    ),
    wrongAt(
      "a key that would change what an object is",
      inFront(`${mark}"__proto__": {}`),
      '"__proto__" cannot be a key'
    ),
    wrongAt("the same, written with an escape", inFront(`${mark}"\\u005f_proto__": {}`), '"__proto__" cannot be a key'),
    wrongAt("a line break in a string", inFront(`"x": "a${mark}\nb"`), "a control character stands in a string"),
    wrongAt(
      "a control character in a string",
      inFront(`"x": "a${mark}\u0001b"`),
      "a control character stands in a string"
    ),
    wrongAt("a NUL between two values", text.replace(",", `${mark}\0,`), 'Unexpected "\\u0000"'),
    wrongAt("another kind of space", text.replace("{", `{${mark}\u00a0`), "Unexpected "),
    wrongAt("another kind of quotes", text.replace(/"(\w+)"/, `${mark}“$1”`), 'Unexpected "“"'),
    wrongAt("the marks of a merge", `${mark}<<<<<<< ours\n${text}=======\n${text}>>>>>>> theirs\n`, 'Unexpected "<"'),
    wrongAt("UTF-16 without a mark", `{${mark}\0\n\0`, 'Unexpected "\\u0000"'),
    // The first is passed over, and counts for nothing.
    { ...bytes("two marks in front", Buffer.from(`\ufeff\ufeff${text}`), "Unexpected "), at: { line: 1, column: 1 } },
    {
      ...wrongAt(
        "nested too deeply",
        deep(300).replace("[".repeat(200), `${"[".repeat(200)}${mark}`),
        "nested too deeply"
      )
    },
    {
      ...wrongAt(
        "nested so deeply that recursion ends",
        deep(50_000).replace("[".repeat(200), `${"[".repeat(200)}${mark}`),
        "nested too deeply"
      )
    },
    wrongAt(
      "a number that cannot be kept",
      inFront(`"x": ${mark}123456789012345678901`),
      "this number cannot be kept exactly"
    ),
    wrongAt("a number that is none", inFront(`"x": ${mark}1e999`), "this number cannot be kept exactly"),
    wrongAt("a list", `${mark}[]\n`, "Expected an object"),
    wrongAt("null", `${mark}null`, "Expected an object"),
    wrongAt("a string", `${mark}"{}"`, "Expected an object"),
    ...invalidUtf8.map(([name, content]) => bytes(name, content(text), "it is not UTF-8 text"))
  ]
}

const replaced = (value: unknown, [step, ...deeper]: ReadonlyArray<string>): unknown =>
  step === undefined ? mark : { ...Object(value), [step]: replaced(Object(value)[step], deeper) }

/** A text of JSON with each of these values, in turn, in the place of what stands at a path. */
const wrongValues = (
  text: string,
  paths: ReadonlyArray<readonly [path: string, values: ReadonlyArray<string>]>
): ReadonlyArray<BadFile> =>
  paths.flatMap(([path, values]) =>
    values.map((value) => {
      const document = JSON.stringify(replaced(JSON.parse(text), path.split("/")), null, 2)
      return wrongAt(`${value} as ${path}`, document.replace(`"${mark}"`, `${mark}${value}`), "")
    })
  )

export const goodMap = mapText(mapping("shared-abc-123", { name: "John Doe", keep: "telegram:@john" }))

const one = "mappings/shared-abc-123"

/** Files in the place of `identity-map.json`. */
export const badMaps: ReadonlyArray<BadFile> = [
  ...otherThanTexts,
  ...damaged(goodMap),
  wrongAt(
    "a future version",
    but(goodMap, '"version": 1', `"version": ${mark}2`),
    "this is version 2 of the identity map, and this warelay reads version 1"
  ),
  wrongAt("no version", `${mark}{ "mappings": {} }\n`, '"version" is missing'),
  wrongAt("no mappings", `${mark}{ "version": 1 }\n`, '"mappings" is missing'),
  ...wrongValues(goodMap, [
    ["version", ["null", '"1"', "1.5", "{}"]],
    ["mappings", ["null", "[]", '"x"', "5"]],
    [one, ["null", "[]", '"x"', "5"]],
    [`${one}/id`, ["null", "5", '"another"', '"global"', '""']],
    [`${one}/name`, ["null", "5", "[]", "{}"]],
    [`${one}/identities`, ["null", "[]", "{}", '"x"', "5"]],
    [`${one}/identities/whatsapp`, ["null", "5", "[]", "{}", '""', '"+0123456789"', '"@john"', "[5]"]],
    [`${one}/identities/telegram`, ["null", "5", "[]", '"+1234567890"', '"-100"', '"@x"', '"4503599627370497"']],
    [`${one}/keep`, ["null", "5", "[]", '"everybody"']],
    [`${one}/createdAt`, ["null", "5", '"yesterday"', '"2024-13-01T00:00:00Z"']],
    [`${one}/updatedAt`, ["null", "5", '"2024-01-01"']]
  ]),
  ...["global", "unknown", "constructor", "toString", "1st", "", "a b", "x".repeat(65)].map((id) =>
    wrongAt(
      `${JSON.stringify(id)} as an id`,
      mapText(mapping(id)).replace('"id": ', `"id": ${mark}`),
      "is not a shared id"
    )
  ),
  wrongAt(
    "an account that is none, among others",
    but(goodMap, '"@john"', `["@john", ${mark}"john"]`),
    "is not a username"
  ),
  wrongAt(
    "an id that is not the one of its key",
    but(goodMap, '"id": "shared-abc-123"', `"id": ${mark}"shared-abc-124"`),
    "the id differs from the key"
  )
]

const uuid = "123e4567-e89b-42d3-a456-426614174000"

export const goodSessions = `${JSON.stringify(
  {
    "+1234567890": { sessionId: uuid, updatedAt: 1_700_000_000_000 },
    "telegram:@john": { sessionId: uuid.replace("4000", "4001"), updatedAt: 1_700_000_000_000, forkOf: uuid }
  },
  null,
  2
)}\n`

/** Files in the place of `sessions.json`. */
export const badSessions: ReadonlyArray<BadFile> = [
  ...otherThanTexts,
  ...damaged(goodSessions),
  ...wrongValues(goodSessions, [
    ["+1234567890", ["null", "[]", '"x"', "5"]],
    ["+1234567890/sessionId", ["null", "5", '"x"', '""']],
    ["+1234567890/updatedAt", ["null", '"1"', "{}"]],
    ["telegram:@john/forkOf", ["null", "5", '"x"']]
  ]),
  wrongAt(
    "a session without a time",
    but(
      goodSessions,
      `{\n    "sessionId": "${uuid}",\n    "updatedAt": 1700000000000\n  }`,
      `${mark}{ "sessionId": "${uuid}" }`
    ),
    '"updatedAt" is missing'
  )
]

export const goodConfig = `{
  // how long a conversation lasts
  idleMinutes: 30,
  agent: { echo: true },
  'allowFrom': ["telegram:42"],
}
`

/** Files in the place of `clawdis.json`, which may be JSON5. */
export const badConfigs: ReadonlyArray<BadFile> = [
  ...otherThanTexts.filter(({ name }) => !name.startsWith("zeros")),
  wrongAt("nothing", mark, "there is nothing in it"),
  wrongAt("cut off behind a bracket", `{${mark}`, "it ends here"),
  wrongAt("cut off in a comment", `${goodConfig.slice(0, goodConfig.indexOf(" lasts"))}${mark}`, "it ends here"),
  wrongAt("cut off in a string", `${goodConfig.slice(0, goodConfig.indexOf(":42"))}${mark}`, "it ends here"),
  wrongAt("cut off behind a backslash", `{ scope: "\\${mark}`, "it ends here"),
  wrongAt("cut off behind a backslash, in other quotes", `{ scope: '\\${mark}`, "it ends here"),
  wrongAt("cut off within a number", `{ idleMinutes: 0x${mark}`, "it ends here"),
  wrongAt("two documents", `${goodConfig}${mark}{}`, 'Unexpected "{"'),
  wrongAt(
    "a key that stands twice",
    but(goodConfig, "agent:", `${mark}idleMinutes: 5, agent:`),
    "this key stands twice"
  ),
  wrongAt(
    "a key that would change what an object is",
    but(goodConfig, "agent:", `${mark}__proto__: {}, agent:`),
    '"__proto__" cannot be a key'
  ),
  wrongAt("nested too deeply", `{ deep: ${"[".repeat(200)}${mark}${"[".repeat(50_000)}`, "nested too deeply"),
  wrongAt("a list", `${mark}[]`, "Expected an object"),
  wrongAt("a value of another type", but(goodConfig, "30", `${mark}"soon"`), "idleMinutes: "),
  wrongAt("a value that is too small", but(goodConfig, "30", `${mark}0`), "idleMinutes: a number of minutes"),
  wrongAt("a value of another type, inside", but(goodConfig, "true", `${mark}5`), "agent.echo: Expected boolean"),
  wrongAt("an account that is none", but(goodConfig, '"telegram:42"', `${mark}"telegram:@john"`), "allowFrom.0: "),
  wrongAt(
    "a setting that there is not",
    but(goodConfig, "30,", `30, idleHours: ${mark}1,`),
    "idleHours: is unexpected"
  ),
  ...invalidUtf8.map(([name, content]) => bytes(name, content(goodConfig), "it is not UTF-8 text"))
]
