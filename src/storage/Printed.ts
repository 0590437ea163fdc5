import * as Either from "effect/Either"
import { isPrinted, print } from "./JsonText.js"

/** What stands in front of a line that is so deep. */
const margin = (depth: number): string => "  ".repeat(depth)

/** What `print` puts in front of a value in so many objects without names, and behind it. */
const before = (depth: number): string => (depth === 0 ? "" : `${before(depth - 1)}{\n${margin(depth)}"": `)
const behind = (depth: number): string => (depth === 0 ? "" : `\n${margin(depth - 1)}}${behind(depth - 1)}`)

const within = (depth: number, value: unknown): unknown => (depth === 0 ? value : { "": within(depth - 1, value) })

/** A value as `print` has it in so many objects: in its own, they would get a shape for each name. */
const printed = (value: unknown, depth: number): string =>
  JSON.stringify(within(depth, value), null, 2).slice(before(depth).length, -behind(depth).length)

/** A member as `print` has it in an object that stands so deep, without the comma behind. */
export const member = (name: string, value: unknown, depth: number): string =>
  // Joined, because what is put together by `+` remains in pieces, which takes longer each time that it is written.
  [margin(depth + 1), JSON.stringify(name), ": ", printed(value, depth + 1)].join("")

/** An object that stands so deep, out of its members. */
export const object = (members: ReadonlyArray<string>, depth: number): string =>
  members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${margin(depth)}}`

interface Cut {
  readonly members: ReadonlyArray<string>
  /** Where the object ends. */
  readonly end: number
}

/**
 * The object that begins there, cut into its members, which are objects and not empty. That the text is as `print` has it
 * is taken for granted, and remains to be shown of each member and of what is around them; none where it cannot be.
 */
export const cut = (text: string, start: number, depth: number): Cut | undefined => {
  // Strings have no line breaks in them, so a line that stands no further in than the member began is its last.
  const close = `\n${margin(depth + 1)}}`
  const end = `\n${margin(depth)}}`
  const members: Array<string> = []
  let at = start + 2
  for (let more = text.startsWith("{\n", start); more; at += 2) {
    const last = text.indexOf(close, at)
    if (last === -1) return undefined
    members.push(text.slice(at, last + close.length))
    at = last + close.length
    more = text.startsWith(",\n", at)
    if (!more) return text.startsWith(end, at) ? { members, end: at + end.length } : undefined
  }
  return undefined
}

const named = /^ *"([^"\\]*)": /

/** The value of a member as it is printed. */
export const parse = (text: string): unknown => JSON.parse(text.replace(named, ""))

/** A value as `print` has it as an item of a list. */
export const item = (value: unknown): string => JSON.stringify([value], null, 2).slice("[\n".length, -"\n]".length)

/** The value of a member as an item of a list. The member stands in an object that stands in another. */
export const asItem = (member: string): string => `  ${member.replace(named, "").replaceAll("\n  ", "\n")}`

/** The member that is printed so in an object that stands so deep; none if this is no such text, or its name has escapes. */
export const read = (text: string, depth: number): readonly [name: string, value: unknown] | undefined => {
  const [, name] = named.exec(text) ?? []
  if (name === undefined) return undefined
  const value = Either.getOrUndefined(Either.try(() => parse(text)))
  return isPrinted(text, () => member(name, value, depth)) ? [name, value] : undefined
}

/** The value that `print` makes this text of; none if there is no such value. */
export const readWhole = (text: string): unknown => {
  const value = Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))
  return isPrinted(text, () => print(value)) ? value : undefined
}
