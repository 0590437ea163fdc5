import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Disk } from "../storage/Disk.js"
import type { Codec } from "../storage/Document.js"
import * as FileContent from "../storage/FileContent.js"
import * as JsonText from "../storage/JsonText.js"
import { explained } from "../storage/StorageError.js"
import { Home } from "./Home.js"
import { variableOf } from "./Variable.js"

/** One thing that is wrong, and where. Lines and columns count from 1. */
export const ConfigProblem = Schema.Struct({
  /** The file, or the variable of the environment. */
  source: Schema.String,
  at: Schema.optional(Schema.Struct({ line: Schema.Number, column: Schema.Number })),
  /** The path of the setting; absent where it is about the whole. */
  setting: Schema.optional(Schema.String),
  reason: Schema.String
})
export type ConfigProblem = typeof ConfigProblem.Type

const sentence = ({ at, reason, setting, source }: ConfigProblem): string => {
  const place = at === undefined ? [] : [`line ${at.line}`, `column ${at.column}`]
  return `${[source, ...place, ...(setting === undefined ? [] : [setting])].join(", ")}: ${reason}`
}

/** The configuration says something that it cannot. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  problems: Schema.NonEmptyArray(ConfigProblem)
}) {
  override get message(): string {
    const [first, ...rest] = this.problems
    return rest.length === 0
      ? `the configuration cannot be used, correct it and try again: ${sentence(first)}`
      : `the configuration cannot be used, correct these and try again:\n${this.problems.map((one) => `  ${sentence(one)}`).join("\n")}`
  }
}

type Path = ReadonlyArray<string>

/** The paths of all settings, in the schema's objects and the objects in these; a list is one setting. */
const settingsIn = (ast: SchemaAST.AST, path: Path = []): ReadonlyArray<Path> => {
  const types = SchemaAST.isUnion(ast) ? ast.types : [ast]
  const inside = types
    .flatMap((type) => (SchemaAST.isTypeLiteral(type) ? type.propertySignatures : []))
    .flatMap(({ name, type }) => settingsIn(type, [...path, String(name)]))
  const plain = types.some((type) => !SchemaAST.isTypeLiteral(type) && !SchemaAST.isUndefinedKeyword(type))
  return plain ? [path, ...inside] : inside
}

const isObject = Predicate.isReadonlyRecord

/** The object with a value put where the path says, and everything else as it was. */
const put = (object: unknown, [name, ...rest]: Path, value: unknown): unknown => {
  if (name === undefined) return value
  const fields = isObject(object) ? object : {}
  return { ...fields, [name]: put(fields[name], rest, value) }
}

/** Of a list and of an object a schema says how it is written in its own language, which whoever writes settings need not know. */
const plainly = (reason: string): string =>
  reason
    .replace(/^Expected (?:ReadonlyArray<|readonly \[).*?, actual /s, "Expected a list: [ … ], actual ")
    .replace(/^Expected (?:Struct \(|\{).*?, actual /s, "Expected an object: { … }, actual ")

const text: Codec<string> = { empty: "{}", decode: Either.right, encode: (text) => text }

const readText = (file: string): Effect.Effect<string, ConfigInvalid, Disk> =>
  Effect.flatMap(FileContent.make(file, text), ({ readable }) => readable).pipe(
    Effect.map(({ value }) => value),
    Effect.catchTags({
      DocumentUnreadable: ({ at, reason }) => new ConfigInvalid({ problems: [{ source: file, at, reason }] }),
      StorageFailed: ({ code }) => new ConfigInvalid({ problems: [{ source: file, reason: explained(code)[0] }] })
    })
  )

/** What the environment sets, by the settings' paths. A value that is JSON5 is that, any other is a string. */
const overrides = (paths: ReadonlyArray<Path>): Effect.Effect<ReadonlyMap<string, readonly [Path, unknown]>> =>
  Effect.map(
    Effect.forEach(paths, (path) =>
      // An empty variable says nothing, as elsewhere in a shell.
      Config.option(Config.nonEmptyString(variableOf(path))).pipe(
        Effect.orElseSucceed(() => Option.none<string>()),
        Effect.map(Option.map((text) => [path, Either.getOrElse(JsonText.parse(text, "json5"), () => text)] as const))
      )
    ),
    (found) => new Map(found.flatMap((some) => Option.toArray(some)).map((set) => [set[0].join("."), set] as const))
  )

/**
 * The settings in `clawdis.json` in the home (JSON5, so with comments if one likes), where the environment does not say
 * otherwise. An absent file says nothing. A setting that we do not know is a mistake, since it would do nothing.
 */
export const read = Effect.fn("ConfigFile.read")(<A, I>(schema: Schema.Schema<A, I>) =>
  Effect.gen(function* () {
    const { config: file } = yield* Home
    const text = yield* readText(file)
    const written = yield* Either.mapLeft(
      JsonText.parse(text, "json5"),
      ({ column, line, reason }) => new ConfigInvalid({ problems: [{ source: file, at: { line, column }, reason }] })
    )
    if (!isObject(written)) {
      const at = JsonText.locate(text, [], "json5")
      return yield* new ConfigInvalid({ problems: [{ source: file, at, reason: "Expected an object: { … }" }] })
    }
    const set = yield* overrides(settingsIn(Schema.encodedSchema(schema).ast))
    const all = Array.from(set.values()).reduce<unknown>((object, [path, value]) => put(object, path, value), written)
    const place = (path: ReadonlyArray<PropertyKey>): Omit<ConfigProblem, "reason"> => {
      const name = path.map(String).join(".")
      const override = Array.from(set.keys()).find((setting) => `${name}.`.startsWith(`${setting}.`))
      if (override !== undefined) return { source: variableOf(set.get(override)?.[0] ?? []) }
      const at = JsonText.locate(text, path, "json5")
      return name === "" ? { source: file, at } : { source: file, at, setting: name }
    }
    return yield* Either.mapLeft(
      Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })(all),
      (error) => {
        const [first, ...rest] = ParseResult.ArrayFormatter.formatErrorSync(error)
          // That a setting may also be left out helps nobody who has set it.
          .filter(({ message }) => !message.startsWith("Expected undefined"))
          .map(({ message, path }) => ({ ...place(path), reason: plainly(message) }))
        return new ConfigInvalid({ problems: [first ?? { source: file, reason: error.message }, ...rest] })
      }
    )
  })
)
