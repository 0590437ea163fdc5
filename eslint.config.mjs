// The rules of the house that a machine can see. Every message says what to write instead, and no comment in a
// source file can switch a rule off (noInlineConfig): an exception is made here, where everybody sees it.
import tseslint from "typescript-eslint"

const syntax = (selector, message) => ({ selector, message })

const types = [
  syntax("TSAnyKeyword", "No `any`: say what it is, or take `unknown` and decode it with a Schema."),
  syntax(
    "TSAsExpression:not([typeAnnotation.typeName.name='const'])",
    "No type assertion: decode with a Schema, narrow with a guard, or check with `satisfies` (`as const` is fine)."
  ),
  syntax("TSTypeAssertion", "No type assertion: decode with a Schema, narrow with a guard, or check with `satisfies`."),
  syntax("TSTypeReference[typeName.name='Date']", "No Date: a DateTime.Utc, or milliseconds from Clock."),
  syntax("TSNonNullExpression", "No `!`: turn absence into an Option with Option.fromNullable, or give a default."),
  syntax(":matches(VariableDeclarator, PropertyDefinition)[definite=true]", "No `!`: initialise it where it stands.")
]

const effects = [
  syntax(
    ":function[async=true]",
    "No `async` function: write Effect.gen or Effect.fn, and take a promise in with Effect.tryPromise."
  ),
  syntax("AwaitExpression", "No `await`: `yield*` an Effect, and take a promise in with Effect.tryPromise."),
  syntax("ForOfStatement[await=true]", "No `for await`: use Stream.fromAsyncIterable."),
  syntax("TryStatement", "No `try`: wrap what throws in Effect.try or Either.try, and clean up with Effect.ensuring."),
  syntax(
    "ImportDeclaration[source.value='effect/Effect'] > ImportSpecifier",
    'Write `import * as Effect from "effect/Effect"`, so that everybody reads the same names.'
  ),
  syntax("ImportExpression[source.value=/^(effect|@effect.[a-z-]+)$/]", "No barrel: import the module that you mean."),
  syntax("TSImportType[source.value=/^(effect|@effect.[a-z-]+)$/]", "No barrel: import the module that you mean.")
]

const runs = syntax(
  "MemberExpression[object.name=/^(Effect|Runtime|ManagedRuntime)$/][property.name=/^run[A-Z]/]",
  "Effects are run at the edge (src/bin.ts, src/index.ts, src/promise.ts, the callbacks of a channel): return the Effect."
)

const globals = {
  Date: "Time comes from Clock.currentTimeMillis or DateTime.now, so that tests can set it.",
  performance: "Time comes from Clock.currentTimeNanos, so that tests can set it.",
  setTimeout: "Wait with Effect.sleep or a Schedule, so that tests can set the time.",
  setInterval: "Repeat with Effect.repeat and a Schedule, so that tests can set the time.",
  console: "Print with Console.log, and log with Effect.log, so that tests can read it.",
  globalThis: "Name what you need, as a service."
}
const process = "Take arguments, environment and streams as parameters or services; only src/bin.ts knows the process."

const properties = [
  {
    object: "Math",
    property: "random",
    message: "Randomness comes from the Random service, or node:crypto for a secret."
  },
  { object: "Effect", property: "Service", message: "Declare the service with Context.Tag and its layers beside it." },
  { object: "Effect", property: "Tag", message: "Declare the service with Context.Tag: it has no accessors." }
]

const barrel = (names, example) =>
  names.map((name) => ({ name, message: `No barrel, they cost most of the start-up time: write ${example}.` }))
const barrels = [
  ...barrel(["effect", "effect/index"], '`import * as Effect from "effect/Effect"`'),
  ...barrel(["@effect/platform"], '`import * as FileSystem from "@effect/platform/FileSystem"`'),
  ...barrel(["@effect/platform-node"], '`import * as NodeRuntime from "@effect/platform-node/NodeRuntime"`'),
  ...barrel(["@effect/platform-node-shared"], "the module of @effect/platform-node that you mean"),
  ...barrel(["@effect/cli"], '`import * as Command from "@effect/cli/Command"`'),
  ...barrel(["@effect/printer", "@effect/printer-ansi"], "the module that you mean")
]
const processModules = ["process", "node:process"].map((name) => ({ name, message: process }))
const commandLine = {
  group: ["@effect/cli", "@effect/cli/*"],
  message: "Only src/cli and src/bin.ts know @effect/cli: what is shared with commands belongs in a room below."
}

/** The rules of `src`, less what the files concerned are there for. */
const source = ({ mayRun = false, mayUseProcess = false, mayUseCli = false }) => ({
  "no-restricted-syntax": ["error", ...types, ...effects, ...(mayRun ? [] : [runs])],
  "no-restricted-globals": [
    "error",
    ...Object.entries(mayUseProcess ? globals : { ...globals, process }).map(([name, message]) => ({ name, message }))
  ],
  "no-restricted-properties": ["error", ...properties],
  "no-restricted-imports": [
    "error",
    { paths: [...barrels, ...(mayUseProcess ? [] : processModules)], patterns: mayUseCli ? [] : [commandLine] }
  ],
  "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true }]
})

const switchedOff =
  "Every test runs: mend it or delete it. A test that needs something optional says so with skipIf and its reason."

const test = {
  "no-restricted-syntax": [
    "error",
    ...[
      "MemberExpression[property.name=/^(only|skip|todo)$/][object.name=/^(it|test|describe|suite)$/]",
      "MemberExpression[property.name=/^(only|skip|todo)$/][object.object.name=/^(it|test|describe|suite)$/]",
      "CallExpression[callee.name=/^(it|test|describe|suite)$/] > ObjectExpression > Property[key.name=/^(only|skip|todo)$/]",
      "CallExpression[callee.object.name=/^(it|test|describe|suite)$/] > ObjectExpression > Property[key.name=/^(only|skip|todo)$/]"
    ].map((selector) => syntax(selector, switchedOff)),
    syntax(
      "CallExpression[callee.object.name='assert'][callee.property.name=/^deep/] CallExpression[callee.object.name='Option'][callee.property.name=/^(some|none)$/]",
      "This `assert` takes some and none for equal: use assertSome and assertNone of @effect/vitest/utils, or its deepStrictEqual."
    )
  ],
  "no-restricted-imports": ["error", { paths: barrels }],
  "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": "allow-with-description" }]
}

const everywhere = { eqeqeq: "error", "no-var": "error", "prefer-const": "error" }

export default tseslint.config(
  {
    files: ["src/**/*.ts", "test/**/*.{ts,mjs}"],
    languageOptions: { parser: tseslint.parser },
    linterOptions: { noInlineConfig: true },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: everywhere
  },
  { files: ["src/**/*.ts"], rules: source({}) },
  { files: ["src/cli/**/*.ts"], rules: source({ mayUseCli: true }) },
  { files: ["src/channels/**/*.ts"], rules: source({ mayRun: true }) },
  // A process group can be signalled through `process` alone.
  { files: ["src/agent/ProcessGroup.ts"], rules: source({ mayUseProcess: true }) },
  { files: ["src/bin.ts"], rules: source({ mayRun: true, mayUseProcess: true, mayUseCli: true }) },
  { files: ["src/index.ts", "src/promise.ts"], rules: source({ mayRun: true, mayUseProcess: true }) },
  { files: ["test/**/*.{ts,mjs}"], rules: test }
)
