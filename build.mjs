// The product: dist/bin.cjs, which starts what is in dist/command with everything inside, split so that a command loads
// only what it runs; and the two faces of the library, which use the `effect` of the program that embeds them. Nothing
// is minified: it would win 1 ms of 60 at the start, and cost every stack trace its names and lines.
import { createHash } from "node:crypto"
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const { version, dependencies } = JSON.parse(await readFile("package.json", "utf8"))

/** What WhatsApp's client can do with media and links, if it finds these. It finds them nowhere: we send text. */
const unused = ["audio-decode", "jimp", "link-preview-js", "music-metadata", "sharp"]

/**
 * The package of the kernel's locks goes a long way to find the part of it that fits this machine: ten milliseconds, where
 * an empty script takes twelve. Nearly always it is in the place where it is looked for here; else it goes that way.
 */
const locks = {
  name: "locks",
  resolveId(id, importer = "") {
    if (id === "./binding" && importer.includes("/fs-native-extensions/")) return "\0binding.cjs"
    return id === "fs-native-extensions" ? this.resolve("./node_modules/fs-native-extensions/index.js") : undefined
  },
  load: (id) =>
    id === "\0binding.cjs"
      ? `const { arch, platform } = process
         const found = () => {
           try {
             return require("fs-native-extensions/prebuilds/" + platform + "-" + arch + "/fs-native-extensions.node")
           } catch {
             return require("fs-native-extensions/binding.js")
           }
         }
         module.exports = found()`
      : undefined
}

/** Prints nothing: WhatsApp's client has keys and messages in what it would print. */
const silenced = {
  name: "silenced",
  resolveId: (id) => (id === "pino" ? "\0pino" : undefined),
  load: (id) =>
    id === "\0pino"
      ? `const nothing = () => {}
         const logger = { level: "silent", child: () => logger }
         for (const level of ["trace", "debug", "info", "warn", "error", "fatal"]) logger[level] = nothing
         export default () => logger`
      : undefined,
  transform: (code, id) =>
    /node_modules\/(libsignal|@whiskeysockets\/baileys|whatsapp-rust-bridge)\//.test(id)
      ? code.replace(/\bconsole\.(log|info|warn|error|debug|trace)\(/g, "void (() => {})(")
      : undefined
}

/**
 * What Effect looks for when it is loaded and has no need of here: a clock less fine than the one it takes, and the colours
 * of a log that we print otherwise. Node sets these up when somebody looks at them, in three milliseconds. And what its
 * parser does first for every command, which is to write the command's whole help, for options of its own that look the
 * same in all programs: none of these gets that far (`cli/Argv.ts`). And the storage of a browser, which Telegram's client
 * looks for and Node 25 warns about.
 */
const unneeded = {
  "@effect/cli/dist/esm/internal/commandDescriptor.js": [
    [
      "parseBuiltInArgs(args).pipe(Effect.orElse(() => parseUserDefinedArgs(args)), ",
      "parseUserDefinedArgs(args).pipe("
    ]
  ],
  "effect/dist/esm/internal/clock.js": [['typeof performance === "undefined"', "true"]],
  "effect/dist/esm/internal/logger.js": [
    ['typeof process.stdout === "object" && process.stdout !== null', "true"],
    ["process.stdout.isTTY === true", "false"]
  ],
  "grammy/out/web.mjs": [["return localStorage;", "return undefined;"]]
}

const withoutLooking = {
  name: "without-looking",
  transform: (code, id) =>
    unneeded[id.split("node_modules/").at(-1)]?.reduce((left, [expression, value]) => {
      if (!left.includes(expression)) throw new Error(`${id} has this no more: ${expression}`)
      return left.replace(expression, value)
    }, code)
}

/** A module that has these functions, none of which is ever called. */
const uncalled = (...names) =>
  names
    .map((name) => `export const ${name} = () => { throw new Error("${name}: there is no such question here") }`)
    .join("\n")

/** A service of which there is no more than the name. */
const nominal = (name, more) =>
  `import { GenericTag } from "effect/Context"
   export const ${name} = GenericTag("@effect/platform/${name}")
   ${more}`

/**
 * What the parser of commands could do with options that name files, or numbers, and by asking people for what they left
 * out. None of our commands has it do so, and a third of what every command loads would be there for that: what it has
 * schemas for is to tell texts from others, and yes from no.
 */
const unasked = {
  "effect/dist/esm/Schema.js": `
    import { succeed } from "effect/Effect"
    export const [Date, Int, NumberFromString, String] = ["Date", "Int", "NumberFromString", "String"]
    export const Literal = (...texts) => (text) => texts.includes(text)
    export const is = (has) => has
    export const decodeUnknown = (schema) => {
      if (schema !== String) throw new Error(schema + ": there is no such option here")
      return succeed
    }
    ${uncalled("compose")}`,
  "effect/dist/esm/ParseResult.js": `export const TreeFormatter = {}; ${uncalled("decode")}`,
  "@effect/cli/dist/esm/internal/files.js": uncalled("read", "readString", "parse"),
  "@effect/cli/dist/esm/internal/builtInOptions.js": `
    export const builtIns = undefined
    export const isShowHelp = () => false
    export const isShowWizard = isShowHelp
    ${uncalled("builtInOptions", "showHelp", "showWizard")}`,
  "@effect/cli/dist/esm/internal/prompt/date.js": uncalled("date"),
  "@effect/cli/dist/esm/internal/prompt/file.js": uncalled("file"),
  "@effect/cli/dist/esm/internal/prompt/list.js": uncalled("list"),
  "@effect/cli/dist/esm/internal/prompt/number.js": uncalled("float", "integer"),
  "@effect/cli/dist/esm/internal/prompt/select.js": uncalled("select"),
  "@effect/cli/dist/esm/internal/prompt/text.js": uncalled("hidden", "password", "text"),
  "@effect/cli/dist/esm/internal/prompt/toggle.js": uncalled("toggle"),
  "@effect/cli/dist/esm/internal/prompt.js": `export const isPrompt = () => false; ${uncalled("map", "run")}`,
  "@effect/platform/dist/esm/FileSystem.js": nominal("FileSystem", "export const makeNoop = (service) => service"),
  "@effect/platform/dist/esm/Path.js": nominal("Path", "export const TypeId = Symbol.for('@effect/platform/Path')")
}

/** Takes these out of the parser, and out of nothing else: the relay's servers have files of their own. */
const withoutQuestions = () => {
  const left = new Set(Object.keys(unasked))
  return {
    name: "without-questions",
    async resolveId(id, importer = "") {
      if (!/@effect\/cli\/|\/src\/cli\/Cli\.ts$/.test(importer)) return undefined
      const found = await this.resolve(id, importer, { skipSelf: true })
      const name = found?.id.split("node_modules/").at(-1)
      if (name === undefined || !(name in unasked)) return undefined
      left.delete(name)
      return `\0unasked:${name}`
    },
    load: (id) => (id.startsWith("\0unasked:") ? unasked[id.slice("\0unasked:".length)] : undefined),
    buildEnd: () => {
      if (left.size > 0) throw new Error(`the parser has these no more: ${[...left].join(", ")}`)
    }
  }
}

const idOf = (name) => resolve(`src/${name}.ts`)

/** Errors and schemas: to set one up takes Node a tenth of a millisecond, and hardly ever is one needed. */
const explaining = [
  "config/HomeUnknown",
  "identity/IdentityError",
  "identity/IdentityMapError",
  "identity/IdentityMapSchema",
  "storage/StorageError"
].map(idOf)

/** What takes a text apart in which something is wrong, or that a person wrote. */
const parsing = [fileURLToPath(import.meta.resolve("@humanwhocodes/momoa"))]

/** What those who look at the map refer to, and only those use who change it. */
const recording = ["identity/Journal"].map(idOf)

/**
 * In which file a module of the command goes, so that each of the commands that are run most loads few: each further file
 * costs some of a millisecond. First what all need, then what those need that look at the map, then what those need that
 * change it. What is left out of one goes in the next.
 */
const together = () => {
  const files = new Map()
  const take = (graph, file, names, without = []) => {
    const rest = [...names]
    for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
      const { isExternal, importedIds } = graph.getModuleInfo(id)
      if (isExternal || files.has(id) || without.includes(id)) continue
      files.set(id, file)
      rest.push(...importedIds)
    }
  }
  return {
    plugin: {
      name: "together",
      buildEnd() {
        take(this, "main", ["bin"].map(idOf))
        const left = [...explaining, ...parsing]
        take(this, "reading", ["layers/reading", "cli/run/list", "cli/run/show"].map(idOf), [...left, ...recording])
        const deciding = ["layers/deciding", ...["link", "unlink", "rename", "never"].map((name) => `cli/run/${name}`)]
        take(this, "deciding", [...recording, ...deciding.map(idOf)], left)
        // Whoever changes the map takes its lock first.
        take(this, "deciding", [fileURLToPath(import.meta.resolve("fs-native-extensions"))])
        take(this, "explaining", explaining)
        take(this, "parsing", parsing)
      }
    },
    groups: ["main", "reading", "deciding", "explaining", "parsing"].map((name, at) => ({
      name,
      priority: 5 - at,
      test: (id) => files.get(id) === name || (name === "main" && id.startsWith("\0rolldown"))
    }))
  }
}

const bundle = async ({ external, input, plugins, ...options }, output) => {
  const built = await rolldown({
    ...options,
    input,
    platform: "node",
    plugins: [silenced, ...plugins],
    external: [...external, ...unused].map((name) => new RegExp(`^${name}(/|$)`)),
    transform: { target: "node20", define: { __WARELAY_VERSION__: JSON.stringify(version) } }
  })
  const written = await built.write({ comments: { annotation: false, jsdoc: false, legal: true }, ...output })
  await built.close()
  return written.output
}

/** JavaScript means the same by these in every place where the code has such characters: texts and expressions. */
const ascii = (code) => {
  const raw = /\\[^\x00-\x7f]|String\.raw`[^`]*[^\x00-\x7f]/.exec(code)
  if (raw !== null) throw new Error(`not to be written in ASCII: ${raw[0]}`)
  return code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/**
 * Node takes two milliseconds to load what computes hashes, and most commands compute none. The same goes for what knows the
 * machine and terminals, for what is only used by those who change the map, for errors, and for what finds their places.
 */
const whenAsked = (code) =>
  code.replace(
    /^(?:let|const) (node_crypto|node_os|node_tty|require_deciding|require_explaining|require_parsing) = require\(("[^"]+")\);$/gm,
    (line, name, id) =>
      new RegExp(`^\\s*${name} = `, "m").test(code)
        ? line
        : `const ${name} = new Proxy({}, { get: (_, name) => require(${id})[name] });`
  )

/**
 * What `main` gives to all others, given at once: to give five hundred things one by one takes a millisecond of every
 * command. Nobody has loaded it before it is through; of the others one may, and keeps what it was given then.
 */
const givenAtOnce = (code, fileName) => {
  if (fileName !== "main.cjs") return code
  const given = []
  const rest = code.replace(/^exports\.([\w$]+) = ([\w$]+);\n/gm, (_, name, value) => {
    given.push(name === value ? name : `${name}: ${value}`)
    return ""
  })
  if (given.length === 0) throw new Error("main gives nothing to others")
  return `${rest}module.exports = { ${given.join(", ")} };\n`
}

const isRuntime = ({ fileName }) => fileName.startsWith("rolldown-runtime-")

/**
 * The few lines that the bundler has all files share, in the one that all need: a file of their own takes a fifth of a
 * millisecond of every command.
 */
const withoutRuntime = (chunks) => {
  const runtime = chunks.find(isRuntime)
  const given = /^Object\.defineProperty\(exports, "(\w+)", \{[^]*?^\}\);\n/gm
  const names = Array.from(runtime.code.matchAll(given), ([, name]) => name)
  const asked = `require("./${runtime.fileName}")`
  const inMain = (code) => {
    if (!code.includes(asked)) throw new Error("main has nothing of what the bundler shares")
    const held = code.replace(asked, `{ ${names.join(", ")} }`)
    return `${runtime.code.replace(given, "")}${held}\n${names.map((name) => `exports.${name} = ${name};\n`).join("")}`
  }
  return chunks
    .filter((chunk) => chunk !== runtime)
    .map(({ code, fileName }) => ({
      fileName,
      code: fileName === "main.cjs" ? inMain(code) : code.replace(asked, 'require("./main.cjs")')
    }))
}

/** Modules are strict, and stay so where no package is among them that is none, but that of the locks, which is as well. */
const strict = (code, fileName) =>
  code.includes("__commonJSMin(") && !fileName.startsWith("deciding-") ? code : `"use strict";\n${code}`

/** The notices of the packages inside the bundles, which their licences want to travel with them. */
const notices = async (chunks) => {
  const inputs = chunks.flatMap(({ modules }) => Object.keys(modules))
  const roots = new Set(inputs.map((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+\//.exec(path)?.[0]).filter(Boolean))
  const sections = [...roots].sort().map(async (root) => {
    const { name, version, license } = JSON.parse(await readFile(`${root}package.json`, "utf8"))
    const file = (await readdir(root)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? "" : await readFile(root + file, "utf8")
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  })
  return [...new Set(await Promise.all(sections))].join(`\n${"-".repeat(80)}\n\n`)
}

await rm("dist", { recursive: true, force: true })

const { groups, plugin } = together()
const command = await bundle(
  {
    input: { main: "src/bin.ts" },
    external: ["fs-native-extensions/.*"],
    plugins: [withoutLooking, withoutQuestions(), plugin, locks],
    // Nobody imports it.
    preserveEntrySignatures: false
  },
  {
    dir: "dist/command",
    format: "cjs",
    dynamicImportInCjs: false,
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    codeSplitting: { groups, includeDependenciesRecursively: false }
  }
)
const library = await bundle(
  { input: { index: "src/index.ts", promise: "src/promise.ts" }, external: Object.keys(dependencies), plugins: [] },
  { dir: "dist", format: "es", chunkFileNames: "chunks/[name]-[hash].js" }
)

const hash = createHash("sha256")
await rm(`dist/command/${command.find(isRuntime).fileName}`)
for (const { code, fileName } of withoutRuntime(command)) {
  const written = ascii(strict(givenAtOnce(whenAsked(code), fileName), fileName))
  hash.update(written)
  await writeFile(`dist/command/${fileName}`, written)
}
const launcher = await readFile("src/launcher.cjs", "utf8")
await writeFile("dist/bin.cjs", launcher.replace("__WARELAY_BUILD__", JSON.stringify(hash.digest("hex"))))
await chmod("dist/bin.cjs", 0o755)
await writeFile("dist/LICENSES.txt", await notices([...command, ...library]))
