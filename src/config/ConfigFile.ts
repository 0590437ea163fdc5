import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Fs from "node:fs"
import * as JsonText from "../storage/JsonText.js"
import { Home } from "./Home.js"

/** The configuration says something that it cannot. `problems` are sentences that name the place. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  file: Schema.String,
  problems: Schema.NonEmptyArray(Schema.String)
}) {
  override get message(): string {
    const [first, ...rest] = this.problems
    return rest.length === 0
      ? `the configuration cannot be used, correct it and try again: ${first}`
      : `the configuration cannot be used, correct these and try again:\n${this.problems.map((line) => `  ${line}`).join("\n")}`
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

/** `twilio.publicUrl` is `WARELAY_TWILIO_PUBLIC_URL` in the environment. */
export const variableOf = (path: Path): string =>
  `WARELAY_${path.map((name) => name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()).join("_")}`

const isObject = Predicate.isReadonlyRecord

/** The object with a value put where the path says, and everything else as it was. */
const put = (object: unknown, [name, ...rest]: Path, value: unknown): unknown => {
  if (name === undefined) return value
  const fields = isObject(object) ? object : {}
  return { ...fields, [name]: put(fields[name], rest, value) }
}

const readText = (file: string): Effect.Effect<string, ConfigInvalid> =>
  Effect.async((resume) =>
    Fs.readFile(file, "utf8", (error, text) =>
      resume(
        error === null
          ? Effect.succeed(text)
          : error.code === "ENOENT"
            ? Effect.succeed("{}")
            : new ConfigInvalid({ file, problems: [`${file} cannot be read (${error.code ?? error.message})`] })
      )
    )
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
      ({ column, line, reason }) =>
        new ConfigInvalid({ file, problems: [`${file}, line ${line}, column ${column}: ${reason}`] })
    )
    if (!isObject(written)) {
      return yield* new ConfigInvalid({ file, problems: [`${file}, line 1: Expected an object: { … }`] })
    }
    const set = yield* overrides(settingsIn(Schema.encodedSchema(schema).ast))
    const all = Array.from(set.values()).reduce<unknown>((object, [path, value]) => put(object, path, value), written)
    const place = (path: ReadonlyArray<PropertyKey>): string => {
      const name = path.map(String).join(".")
      const override = Array.from(set.keys()).find((setting) => `${name}.`.startsWith(`${setting}.`))
      if (override !== undefined) return variableOf(set.get(override)?.[0] ?? [])
      const { line } = JsonText.locate(text, path, "json5")
      return name === "" ? `${file}, line ${line}` : `${file}, line ${line}, ${name}`
    }
    return yield* Either.mapLeft(
      Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })(all),
      (error) => {
        const [first, ...rest] = ParseResult.ArrayFormatter.formatErrorSync(error)
          // That a setting may also be left out helps nobody who has set it.
          .filter(({ message }) => !message.startsWith("Expected undefined"))
          .map(({ message, path }) => `${place(path)}: ${message}`)
        return new ConfigInvalid({ file, problems: [first ?? `${file}: ${error.message}`, ...rest] })
      }
    )
  })
)
