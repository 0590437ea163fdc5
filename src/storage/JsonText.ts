import { type DocumentNode, evaluate, parse as parseTree, type ValueNode } from "@humanwhocodes/momoa"
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import { changes, deepest, isFaithful } from "./Faithful.js"

/** Where a text is not what it should be. Lines and columns count from 1. */
export class JsonProblem extends Data.Error<{
  readonly line: number
  readonly column: number
  readonly reason: string
}> {}

/** `json` is RFC 8259 and nothing more; `json5` also takes comments, trailing commas and what else people write by hand. */
export type Dialect = "json" | "json5"

const start = { line: 1, column: 1 }

const withoutMark = (text: string): string => (text.startsWith("\uFEFF") ? text.slice(1) : text)

interface Complaint extends Error {
  readonly line: number
  readonly column: number
  readonly offset: number
}

const hasPosition = (error: unknown): error is Complaint =>
  error instanceof Error && "line" in error && "column" in error && "offset" in error

/** Where the text up to this offset ends. */
const placeAt = (text: string, offset: number) => {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r]/)
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 }
}

/** The first value that stands too deep, found without recursion. */
const tooDeep = (text: string): JsonProblem => {
  let depth = 0
  for (const { index, 0: found } of text.matchAll(/"(?:[^"\\]|\\[^])*"?|[[\]{}]/g)) {
    if (found === "[" || found === "{") depth += 1
    if (found === "]" || found === "}") depth -= 1
    if (depth > deepest + 1) return new JsonProblem({ ...placeAt(text, index), reason: "nested too deeply" })
  }
  return new JsonProblem({ ...start, reason: "nested too deeply" })
}

const attempt = (text: string, mode: Dialect) =>
  Either.try({ try: () => parseTree(text, { mode }), catch: (error) => error })

/** What is behind the end of a text changes what the parser says of it only if the text ends too soon. */
const endsTooSoon = (text: string, mode: Dialect, said: unknown): boolean => {
  const beyond = attempt(`${text}\n\0`, mode)
  return Either.isRight(beyond) || String(beyond.left) !== String(said)
}

const tree = (text: string, mode: Dialect): Either.Either<DocumentNode, JsonProblem> =>
  // A text that ends behind a backslash keeps the parser busy for ever.
  Either.mapLeft(attempt(text.endsWith("\\") ? `${text}\0` : text, mode), (error) => {
    if (error instanceof RangeError) return tooDeep(text)
    if (endsTooSoon(text, mode, error)) {
      const content = text.trimEnd()
      const reason = content === "" ? "there is nothing in it" : "it ends here, and is not complete"
      return new JsonProblem({ ...placeAt(content, content.length), reason })
    }
    if (!hasPosition(error)) return new JsonProblem({ ...start, reason: String(error) })
    const { column, line, offset } = error
    const found = String.fromCodePoint(text.codePointAt(offset) ?? 0)
    return new JsonProblem({ line, column, reason: `Unexpected ${JSON.stringify(found)}` })
  })

const keyOf = (name: {
  readonly type: "String" | "Identifier"
  readonly value?: string
  readonly name?: string
}): string => name.value ?? name.name ?? ""

/**
 * The first key that stands twice in one object, or that would change what an object is, or the first value that is too
 * deep, or would not survive. `text` is what the numbers are to be kept of.
 */
const badPart = (node: ValueNode, text: string, depth = 0): JsonProblem | undefined => {
  const { line, column } = node.loc.start
  if (depth > deepest) return new JsonProblem({ line, column, reason: "nested too deeply" })
  switch (node.type) {
    case "Number":
      return changes(text.slice(node.loc.start.offset, node.loc.end.offset))
        ? new JsonProblem({ line, column, reason: "this number cannot be kept exactly; write it as a string" })
        : undefined
    case "Array":
      for (const { value } of node.elements) {
        const found = badPart(value, text, depth + 1)
        if (found !== undefined) return found
      }
      return undefined
    case "Object": {
      const seen = new Set<string>()
      for (const { name, value } of node.members) {
        const key = keyOf(name)
        const { line, column } = name.loc.start
        if (seen.has(key)) return new JsonProblem({ line, column, reason: "this key stands twice in one object" })
        if (key === "__proto__")
          return new JsonProblem({ line, column, reason: `${JSON.stringify(key)} cannot be a key` })
        seen.add(key)
        const found = badPart(value, text, depth + 1)
        if (found !== undefined) return found
      }
      return undefined
    }
    default:
      return undefined
  }
}

const tooFarIn = `\n${"  ".repeat(deepest)}`

/** Up to here, to write a value costs less than to look at each character of a text the first time. */
const short = 65_536

/** A text that is just what is printed of its value holds no key twice: the later one would be gone. */
export const isPrinted = (text: string, print: () => string): boolean =>
  !text.includes(tooFarIn) &&
  !text.includes('"__proto__"') &&
  Either.getOrElse(
    Either.try(() => print() === text),
    () => false
  )

/** JSON has no raw control characters in strings. The tree lets them pass, so `JSON.parse` says where the first one is. */
const controlCharacter = (body: string, refusal: string): JsonProblem => {
  const offset = Number(/position (\d+)/.exec(refusal)?.[1] ?? 0)
  const reason = "a control character stands in a string; write it as an escape, such as \\n"
  return new JsonProblem({ ...placeAt(body, offset), reason })
}

/** Whether the value is all that the text says. */
const isWhole = (text: string, value: unknown): boolean =>
  (text.length <= short && isPrinted(text, () => print(value))) || isFaithful(text, value)

/** The value of a text in which every key stands once. A byte order mark in front is passed over. */
export const parse = (text: string, dialect: Dialect = "json"): Either.Either<unknown, JsonProblem> => {
  const body = withoutMark(text)
  const quick = Either.try({ try: (): unknown => JSON.parse(body), catch: String })
  if (Either.isRight(quick) && isWhole(body, quick.right)) {
    return Either.right(quick.right)
  }
  return Either.flatMap(tree(body, dialect), (document) => {
    const problem = badPart(document.body, dialect === "json" ? body : "")
    if (problem !== undefined) return Either.left(problem)
    if (dialect === "json5") return Either.right(evaluate(document))
    return Either.mapLeft(quick, (refusal) => controlCharacter(body, refusal))
  })
}

/** Two-space JSON with a newline at the end. */
export const print = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Where the value at this path stands in the text, or as much of the path as there is. */
export const locate = (
  text: string,
  path: ReadonlyArray<PropertyKey>,
  dialect: Dialect = "json"
): { readonly line: number; readonly column: number } => {
  const document = tree(withoutMark(text), dialect)
  if (Either.isLeft(document)) return start
  let node: ValueNode = document.right.body
  for (const step of path) {
    const next: ValueNode | undefined =
      node.type === "Object"
        ? node.members.find(({ name }) => keyOf(name) === step)?.value
        : node.type === "Array"
          ? node.elements[Number(step)]?.value
          : undefined
    if (next === undefined) break
    node = next
  }
  const { line, column } = node.loc.start
  return { line, column }
}

/** Something that is wrong at this path. */
export const problemAt = (text: string, path: ReadonlyArray<PropertyKey>, reason: string): JsonProblem =>
  new JsonProblem({ ...locate(text, path), reason })
