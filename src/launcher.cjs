#!/usr/bin/env node
"use strict"
// Starts the command with what V8 made of its code the last time: to compile it takes longer than most commands run.
// Node can keep that by itself from 22 on; so kept it takes a third longer to start. Whatever is not as it should be, the
// command runs all the same, only later. NODE_DISABLE_COMPILE_CACHE=1 does without.

// Every function of Node's that is used here is one that it compiles first, in each command: hence so few of them, and
// none of those for paths where nothing is unusual.

const fs = require("node:fs")
const { Script } = require("node:vm")

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

const isAbsolute = (name) => name.startsWith("/") || require("node:path").isAbsolute(name)

/** As the XDG Base Directory Specification has it, by which a relative path does not count. */
const caches = attempt(() => {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined
  const { HOME = "", XDG_CACHE_HOME = "" } = process.env
  if (XDG_CACHE_HOME !== "" && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME
  const home = HOME.startsWith("/") ? HOME : require("node:os").homedir()
  return isAbsolute(home) ? `${home}/.cache` : undefined
})
const root = caches && `${caches}/warelay`

// V8 believes what it is given: of the source it compares no more than the length, so the name has to say what the code
// was made of, and damaged code can do anything, so it is kept twice: to compare takes less than to load what hashes.
const ownName = `${build}-${process.version}-${process.arch}`
const directory = root && `${root}/${ownName}`

/** Removes what was kept for other builds and other versions of Node. */
const sweep = () => {
  for (const name of fs.readdirSync(root)) {
    if (!/^[0-9a-f]{64}-v/.test(name) || name === ownName) continue
    fs.rmSync(`${root}/${name}`, { recursive: true, force: true })
  }
}

/** Makes the directory, for this user alone. Not by `recursive`: on some file systems that never returns. */
const prepared = () => {
  for (const each of [caches, root, directory]) attempt(() => fs.mkdirSync(each, { mode: 0o700 }))
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

const kept = (name) => `${directory}/${[...command, name].join(".")}`

/** Memory to read into that is used again and again: to get more takes longer than to fill it. */
let memory = Buffer.alloc(0)
const room = (size) => {
  if (memory.length < size) memory = Buffer.allocUnsafeSlow(size)
  return memory
}

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants

const isTrusted = attempt(() => isOurs(root) && isOurs(directory))

/** What was kept of this chunk, unless the chunk was changed since. */
const find = (name, changed) =>
  attempt(() => {
    if (!isTrusted) return undefined
    const file = fs.openSync(kept(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stats = fs.fstatSync(file)
    const size = stats.isFile() && ours(stats) && stats.mtimeMs >= changed ? Math.floor(stats.size / 2) : 0
    const data = Buffer.allocUnsafeSlow(size)
    const again = room(size)
    const isWhole = fs.readSync(file, data, 0, size) === size && fs.readSync(file, again, 0, size) === size
    fs.closeSync(file)
    return isWhole && data.compare(again, 0, size) === 0 ? data : undefined
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
  const end = head.length + size
  const content = room(end + tail.length)
  content.write(head)
  fs.readSync(file, content, head.length, size)
  content.write(tail, end)
  fs.closeSync(file)
  // It is all ASCII: the build sees to that, because V8 is slower with a text of two bytes a character.
  return { changed: mtimeMs, source: content.latin1Slice(0, end + tail.length) }
}

const chunks = `${__dirname}/command`

const loaded = new Map()

/** As `require` does, for the chunks of the command. */
const load = (name) => {
  const known = loaded.get(name)
  if (known !== undefined) return known.exports
  const module = { exports: {} }
  loaded.set(name, module)
  const filename = `${chunks}/${name}`
  const { changed, source } = wrapped(filename)
  const cachedData = directory && find(name, changed)
  const script = new Script(source, { filename, cachedData })
  if (cachedData === undefined || script.cachedDataRejected) compiled.set(name, script)
  const requires = (id) => (id.startsWith("./") ? load(id.slice(2)) : require(id))
  script.runInThisContext()(module.exports, requires, module, filename, chunks)
  return module.exports
}

// Effect reads a stack while it is loaded, for the names in it; to find their lines takes more than a millisecond.
Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFunctionName()).join("\n")
try {
  load("main.cjs")
} finally {
  delete Error.prepareStackTrace
}
