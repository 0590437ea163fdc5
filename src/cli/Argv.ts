import { printable } from "../config/Printable.js"
import { below, type Contents, type Page } from "./Help.js"

const quoted = (typed: string): string => printable(JSON.stringify(typed))

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

const beforeDashes = (argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = argv.indexOf("--")
  return end === -1 ? argv : argv.slice(0, end)
}

/** Whether the line asks for help, anywhere before a `--`. */
export const wantsHelp = (argv: ReadonlyArray<string>): boolean => beforeDashes(argv).some(isHelp)

/** Whether the line asks for the version, before any other option. */
export const wantsVersion = (argv: ReadonlyArray<string>): boolean =>
  argv.find((word) => word.startsWith("-")) === "--version"

/** Options that the parser has of its own. */
const foreign = /^(--(completions|help|log-level|version|wizard)|-h)(=|$)/

/** That the line has one of them which the command does not have as well, as a sentence. */
export const foreignIn = (page: Page | undefined, argv: ReadonlyArray<string>): string | undefined => {
  const found = beforeDashes(argv).filter((word) => foreign.test(word) && !isHelp(word))
  if (found.length === 0) return undefined
  const own = page === undefined || page.leadsOn ? [] : optionsOf(page.contents()).map(({ flag }) => flag)
  return found
    .filter((word) => !own.includes(word.split("=", 1)[0] ?? ""))
    .map((word) => `${quoted(word)} is not an option here`)[0]
}

/** The command that a line is about: the longest run of words at its start that names one. */
export const pageOf = (pages: ReadonlyArray<Page>, argv: ReadonlyArray<string>): Page | undefined => {
  const line = argv.filter((word) => !isHelp(word))
  return pages
    .filter(({ words }) => words.every((word, index) => line[index] === word))
    .sort((one, other) => other.words.length - one.words.length)[0]
}

/**
 * Whether the line ends in an option whose value may be missing. The parser takes one that may be repeated for not given
 * then. The one with which most lines end takes no value, and a look at the page would cost them three milliseconds.
 */
export const endsInFlag = (argv: ReadonlyArray<string>): boolean => {
  const last = beforeDashes(argv).at(-1)
  return last !== undefined && last.startsWith("--") && last !== "--json"
}

const optionsOf = ({ parts, usage }: Contents) =>
  parts.flatMap(([part, meaning]) => {
    const [flag = "", value] = part.split(" ")
    const repeatable = usage.includes(`[${part}]...`)
    return flag.startsWith("--") ? [{ flag, takesValue: value !== undefined, repeatable, meaning }] : []
  })

const flagsWithValue = (page: Page): ReadonlySet<string> =>
  new Set(optionsOf(page.contents()).flatMap(({ flag, takesValue }) => (takesValue ? [flag] : [])))

/**
 * The line with a lone `-` behind all options, unless it is the value of one: the parser takes it for an option, and looks
 * for no other behind it.
 */
export const dashLast = (page: Page, argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = beforeDashes(argv)
  if (page.leadsOn || !line.includes("-")) return argv
  const valued = flagsWithValue(page)
  const isArgument = (word: string, at: number): boolean => word === "-" && !valued.has(line[at - 1] ?? "")
  const dashes = line.filter(isArgument)
  return [...line.filter((word, at) => !isArgument(word, at)), "--", ...dashes, ...argv.slice(line.length + 1)]
}

/**
 * The line with `--flag=value` as two words. The parser knows that form, but not for options that may be repeated, and it
 * ends the value at the next `=`.
 */
export const separated = (page: Page, argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = beforeDashes(argv)
  if (page.leadsOn || !line.some((word) => /^--[^=]+=/.test(word))) return argv
  const valued = flagsWithValue(page)
  const isValue = (at: number): boolean => valued.has(line[at - 1] ?? "") && !isValue(at - 1)
  const words = line.flatMap((word, at) => {
    const [, flag = "", value = ""] = /^(--[^=]+)=([^]*)$/.exec(word) ?? []
    return valued.has(flag) && !isValue(at) ? [flag, value] : [word]
  })
  return [...words, ...argv.slice(line.length)]
}

/**
 * What is wrong with a line that was refused, as a sentence, as far as that can be seen without understanding the values.
 * Of these mistakes the parser says something else: that an option is unknown when its value is missing, for example.
 */
export const mistakeIn = (pages: ReadonlyArray<Page>, page: Page, argv: ReadonlyArray<string>): string | undefined => {
  const line = beforeDashes(argv)
  if (page.leadsOn) {
    const commands = below(page, pages).flatMap(({ words }) => words.slice(page.words.length, page.words.length + 1))
    const expected = Array.from(new Set(commands)).join(", ")
    return `${quoted(line[page.words.length] ?? "--")} is no command; expected one of: ${expected}`
  }
  const options = optionsOf(page.contents())
  const find = (word: string) => options.find(({ flag }) => flag === word.split("=", 1)[0])
  const given = new Set<string>()
  for (let at = page.words.length; at < line.length; at++) {
    const word = line[at] ?? ""
    if (!/^--?[A-Za-z]/.test(word)) continue
    const option = find(word)
    if (option === undefined) return `${quoted(word)} is not an option of ${["warelay", ...page.words].join(" ")}`
    const { flag, meaning, repeatable, takesValue } = option
    if (given.has(flag) && !repeatable) return `${flag} was given twice`
    given.add(flag)
    if (!takesValue || word.includes("=")) continue
    at += 1
    if (line[at] === undefined) return `${flag} has no value behind it. It is: ${meaning}`
  }
  return undefined
}

/** What `disguised` puts in front of a level. */
const disguise = "="

/**
 * The line with every log level written so that the parser does not know it: it has an option of its own by that name,
 * which it would prefer to ours, and which is about its own messages.
 */
export const disguised = (argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = beforeDashes(argv)
  return argv.map((word, at) => (at < line.length && argv[at - 1] === "--log-level" ? `${disguise}${word}` : word))
}

/** A log level as it was typed. */
export const undisguised = (word: string): string => (word.startsWith(disguise) ? word.slice(disguise.length) : word)
