import * as Predicate from "effect/Predicate"

/** Deeper than anybody nests by hand, and far from where recursion ends. */
export const deepest = 200

const significant = (digits: string): string =>
  digits
    .replace(/e.*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "")

/** Whether the number would be another one when it is written again: it is too large, or a whole one with too many digits. */
export const changes = (digits: string): boolean => {
  const again = JSON.stringify(Number(digits))
  return again === "null" || (/^-?\d+$/.test(digits) && significant(again) !== significant(digits))
}

const [quote, backslash, colon, minus, zero, nine] = [0x22, 0x5c, 0x3a, 0x2d, 0x30, 0x39]
const [brace, bracket, closingBrace, closingBracket] = [0x7b, 0x5b, 0x7d, 0x5d]

/** How many backslashes stand in front. */
const escapes = (text: string, at: number): number => {
  let count = 0
  while (text.charCodeAt(at - count - 1) === backslash) count += 1
  return count
}

/** Where the string ends that begins there. */
const endOf = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (escapes(text, end) % 2 === 1) end = text.indexOf('"', end + 1)
  return end
}

const number = /-?\d[\d.eE+-]*/y

/** How many members the objects of a JSON text have; none if a number in it would change, or it is nested too deeply. */
const membersIn = (text: string): number | undefined => {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = endOf(text, at)
    else if (unit === colon) members += 1
    else if (unit === brace || unit === bracket) {
      depth += 1
      if (depth > deepest) return undefined
    } else if (unit === closingBrace || unit === closingBracket) depth -= 1
    else if (unit === minus || (unit >= zero && unit <= nine)) {
      number.lastIndex = at
      const [digits = ""] = number.exec(text) ?? []
      if (changes(digits)) return undefined
      at += digits.length - 1
    }
  }
  return members
}

const sum = (parts: ReadonlyArray<unknown>): number | undefined => {
  let members = 0
  for (const part of parts) {
    const more = membersOf(part)
    if (more === undefined) return undefined
    members += more
  }
  return members
}

/** How many members a value has, and the values in it; none if one has a name that would change what an object is. */
const membersOf = (value: unknown): number | undefined => {
  if (Array.isArray(value)) return sum(value)
  if (!Predicate.isReadonlyRecord(value)) return 0
  let members = 0
  for (const name of Object.keys(value)) {
    if (name === "__proto__") return undefined
    const part = value[name]
    const more = typeof part === "object" ? membersOf(part) : 0
    if (more === undefined) return undefined
    members += more + 1
  }
  return members
}

/**
 * Whether what `JSON.parse` made of a text is all that the text says. Of two members with one name it keeps the last, so
 * that there are more in the text than in the value. Both are counted, because that is done while a tree of the text would
 * still be growing.
 */
export const isFaithful = (text: string, value: unknown): boolean => {
  const members = membersIn(text)
  return members !== undefined && members === membersOf(value)
}
