import * as Either from "effect/Either"
import { isPrinted, print } from "./JsonText.js"

/** What stands in front of a line that is so deep. */
const margin = (depth: number): string => "  ".repeat(depth)

/** A member as `print` has it in an object that stands so deep, without the comma behind. */
export const member = (name: string, value: unknown, depth: number): string => {
  const [first = "", ...rest] = JSON.stringify(value, null, 2).split("\n")
  const inside = margin(depth + 1)
  // Joined, because a text put together by `+` remains in pieces, and to go through these takes longer than to print it.
  return [`${inside}${JSON.stringify(name)}: ${first}`, ...rest].join(`\n${inside}`)
}

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
  const behind = `\n${margin(depth)}}`
  const members: Array<string> = []
  let at = start + 2
  for (let more = text.startsWith("{\n", start); more; at += 2) {
    const last = text.indexOf(close, at)
    if (last === -1) return undefined
    members.push(text.slice(at, last + close.length))
    at = last + close.length
    more = text.startsWith(",\n", at)
    if (!more) return text.startsWith(behind, at) ? { members, end: at + behind.length } : undefined
  }
  return undefined
}

/** The value of a member, by its name. */
export const parse = (text: string): Readonly<Record<string, unknown>> => JSON.parse(`{${text}}`)

/** The member that is printed so in an object that stands so deep; none if this is no such text. */
export const read = (text: string, depth: number): readonly [name: string, value: unknown] | undefined => {
  const found = Either.try(() => Object.entries(parse(text)))
  const [[name, value] = ["", undefined], ...others] = Either.getOrElse(found, () => [])
  return others.length === 0 && isPrinted(text, () => member(name, value, depth)) ? [name, value] : undefined
}

/** The value that `print` makes this text of; none if there is no such value. */
export const readWhole = (text: string): unknown => {
  const value = Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))
  return isPrinted(text, () => print(value)) ? value : undefined
}
