import { type DocumentNode, evaluate, parse as parseTree, type ValueNode } from "@humanwhocodes/momoa"
import * as Data from "effect/Data"
import * as Either from "effect/Either"

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

const hasPosition = (error: unknown): error is Error & { readonly line: number; readonly column: number } =>
  error instanceof Error && "line" in error && "column" in error

const tree = (text: string, mode: Dialect): Either.Either<DocumentNode, JsonProblem> =>
  Either.try({
    try: () => parseTree(text, { mode }),
    catch: (error) =>
      hasPosition(error)
        ? new JsonProblem({
            line: error.line,
            column: error.column,
            reason: error.message.replace(/\.?\s*\(\d+:\d+\)$/, "")
          })
        : new JsonProblem({ ...start, reason: error instanceof RangeError ? "nested too deeply" : String(error) })
  })

const keyOf = (name: {
  readonly type: "String" | "Identifier"
  readonly value?: string
  readonly name?: string
}): string => name.value ?? name.name ?? ""

/** Deeper than anybody nests by hand, and far from where recursion ends. */
const deepest = 200

/** The first key that stands twice in one object, or that would change what an object is, or the first value too deep. */
const badPart = (node: ValueNode, depth = 0): JsonProblem | undefined => {
  if (depth > deepest) {
    const { line, column } = node.loc.start
    return new JsonProblem({ line, column, reason: "nested too deeply" })
  }
  switch (node.type) {
    case "Array":
      for (const { value } of node.elements) {
        const found = badPart(value, depth + 1)
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
        const found = badPart(value, depth + 1)
        if (found !== undefined) return found
      }
      return undefined
    }
    default:
      return undefined
  }
}

const tooFarIn = `\n${"  ".repeat(deepest)}`

/** A text that is just what `print` makes of its value holds no key twice: the later one would be gone. */
const isCanonical = (text: string, value: unknown): boolean =>
  !text.includes(tooFarIn) &&
  !text.includes('"__proto__"') &&
  Either.getOrElse(
    Either.try(() => print(value) === text),
    () => false
  )

/** JSON has no raw control characters in strings. The tree lets them pass, so `JSON.parse` says where the first one is. */
const controlCharacter = (body: string, refusal: string): JsonProblem => {
  const before = body.slice(0, Number(/position (\d+)/.exec(refusal)?.[1] ?? 0)).split(/\r\n|[\n\r]/)
  const reason = "a control character stands in a string; write it as an escape, such as \\n"
  return new JsonProblem({ line: before.length, column: (before.at(-1) ?? "").length + 1, reason })
}

/** The value of a text in which every key stands once. A byte order mark in front is passed over. */
export const parse = (text: string, dialect: Dialect = "json"): Either.Either<unknown, JsonProblem> => {
  const body = withoutMark(text)
  const quick = Either.try({ try: (): unknown => JSON.parse(body), catch: String })
  if (Either.isRight(quick) && isCanonical(body, quick.right)) return Either.right(quick.right)
  return Either.flatMap(tree(body, dialect), (document) => {
    const problem = badPart(document.body)
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
