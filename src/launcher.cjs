#!/usr/bin/env node
"use strict"
// Starts the command with what V8 made of its code the last time: to compile it takes longer than most commands run.
// Node 22 keeps that by itself when it is asked to; for Node 20 it is done here. Whatever is not as it should be, the
// command runs all the same, only later. NODE_DISABLE_COMPILE_CACHE=1 does without, with either.

const fs = require("node:fs")
const os = require("node:os")
const path = require("node:path")
const { Script } = require("node:vm")
// What `node:module` is, without what Node loads beside it.
const { enableCompileCache } = module.constructor

/** The SHA-256 of all that the command consists of, put in place of the name when the product is built. */
const build = __WARELAY_BUILD__

/** No other user can have put something there. */
const ours = ({ mode, uid }) => uid === process.geteuid() && (mode & 0o022) === 0

const isOurs = (directory) => {
  const stats = fs.lstatSync(directory)
  return stats.isDirectory() && ours(stats)
}

const attempt = (act) => {
  try {
    return act()
  } catch {
    return undefined
  }
}

/** As the XDG Base Directory Specification has it, by which a relative path does not count. */
const root = attempt(() => {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined
  const { XDG_CACHE_HOME = "" } = process.env
  const caches = path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : path.join(os.homedir(), ".cache")
  return path.isAbsolute(caches) ? path.join(caches, "warelay") : undefined
})

// V8 believes what it is given: of the source it compares no more than the length, so the name has to say what the code
// was made of, and damaged code can do anything, so it is kept twice: to compare takes less than to load what hashes.
const directory = root && path.join(root, `${build}-${process.version}-${process.arch}`)

/** Removes what was kept for other builds and other versions of Node. */
const sweep = () => {
  for (const name of fs.readdirSync(root)) {
    if (!/^[0-9a-f]{64}-v/.test(name) || name === path.basename(directory)) continue
    fs.rmSync(path.join(root, name), { recursive: true, force: true })
  }
}

/** Makes the directory, for this user alone. Not by `recursive`: on some file systems that never returns. */
const prepared = () => {
  for (const each of [path.dirname(root), root, directory]) attempt(() => fs.mkdirSync(each, { mode: 0o700 }))
  if (!isOurs(root) || !isOurs(directory)) return false
  sweep()
  return true
}

/**
 * Every command has its own, since only what it ran is in it. Words that are no command end in another status than 0,
 * and what follows them never becomes a name.
 */
const words = process.argv.slice(2, 4)
const end = words.findIndex((word) => !/^[a-z]+$/.test(word))
const asksForHelp = process.argv.some((word) => word === "--help" || word === "-h")
const command = asksForHelp ? [] : words.slice(0, end === -1 ? undefined : end)

const kept = (name) => path.join(directory, [...command, name].join("."))

/** What was kept of this chunk, unless the chunk was changed since. */
const find = (name, changed) =>
  attempt(() => {
    if (!isOurs(root) || !isOurs(directory)) return undefined
    const file = fs.openSync(kept(name), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    const stats = fs.fstatSync(file)
    const content = stats.isFile() && ours(stats) && stats.mtimeMs >= changed ? fs.readFileSync(file) : Buffer.alloc(0)
    fs.closeSync(file)
    const data = content.subarray(0, content.length / 2)
    return data.equals(content.subarray(data.length)) ? data : undefined
  })

const keep = (name, script) => {
  const temporary = `${kept(name)}.${process.pid}`
  attempt(() => {
    const data = script.createCachedData()
    fs.writeFileSync(temporary, Buffer.concat([data, data]), { flag: "wx", mode: 0o600 })
    fs.renameSync(temporary, kept(name))
  })
  attempt(() => fs.rmSync(temporary, { force: true }))
}

const compiled = new Map()

process.on("exit", (status) => {
  if (status !== 0 || directory === undefined || compiled.size === 0) return
  attempt(() => {
    if (prepared()) for (const [name, script] of compiled) keep(name, script)
  })
})

const head = "(function (exports, require, module, __filename, __dirname) { "
const tail = "\n})"

/** A chunk as a function. It is put together before it is a text, since a text that is put together is there twice. */
const wrapped = (filename) => {
  const file = fs.openSync(filename)
  const { mtimeMs, size } = fs.fstatSync(file)
  const content = Buffer.allocUnsafe(head.length + size + tail.length)
  content.write(head)
  fs.readSync(file, content, head.length, size)
  content.write(tail, head.length + size)
  fs.closeSync(file)
  // It is all ASCII: the build sees to that, because V8 is slower with a text of two bytes a character.
  return { changed: mtimeMs, source: content.latin1Slice() }
}

const loaded = new Map()

/** As `require` does, for the chunks of the command. */
const load = (name) => {
  const known = loaded.get(name)
  if (known !== undefined) return known.exports
  const module = { exports: {} }
  loaded.set(name, module)
  const filename = path.join(__dirname, "command", name)
  const { changed, source } = wrapped(filename)
  const cachedData = directory && find(name, changed)
  const script = new Script(source, { filename, cachedData })
  if (cachedData === undefined || script.cachedDataRejected) compiled.set(name, script)
  const requires = (id) => (id.startsWith("./") ? load(id.slice(2)) : require(id))
  script.runInThisContext()(module.exports, requires, module, filename, path.dirname(filename))
  return module.exports
}

if (enableCompileCache === undefined) {
  // Effect reads a stack while it is loaded, for the names in it; to find their lines takes more than a millisecond.
  Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFunctionName()).join("\n")
  try {
    load("main.cjs")
  } finally {
    delete Error.prepareStackTrace
  }
} else {
  if (directory !== undefined && attempt(prepared)) enableCompileCache(directory)
  require("./command/main.cjs")
}
