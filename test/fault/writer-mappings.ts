import { Decision } from "../../src/identity/Decision.js"
import { the } from "../identity/arbitrary.js"

/** The name of a writer's n-th mapping. */
export const nameOf = (writer: number | string, n: number): string => `${writer}:${n}`

const parts = (name: string) => {
  const [writer = 0, n = 0] = name.split(":").map(Number)
  return { writer, n }
}

/** Which two Telegram accounts the mapping of this name joins; no two names have one in common. */
export const accounts = (name: string): ReadonlyArray<string> => {
  const { n, writer } = parts(name)
  return [String(writer * 10_000_000 + 2 * n), String(writer * 10_000_000 + 2 * n + 1)]
}

/** To link these two, under that name. */
export const linking = (name: string): Decision =>
  Decision.Link({ identities: accounts(name).map((id) => the("telegram", id)), name })

/** The names in the text of a map. Throws unless it is a whole one, with in each mapping what its writer put there. */
export const namesIn = (text: string): ReadonlySet<string> => {
  const mappings = Object.values<{ readonly name: string; readonly identities: { readonly telegram: unknown } }>(
    JSON.parse(text).mappings
  )
  for (const { identities, name } of mappings) {
    if (String(identities.telegram) !== String(accounts(name)))
      throw new Error(`${name} is ${JSON.stringify(identities)}`)
  }
  return new Set(mappings.map(({ name }) => name))
}

/** The text of a map in which this writer has linked so many already. */
export const mapOf = (writer: number, count: number): string => {
  const mappings = Array.from({ length: count }, (_, n) => {
    const name = nameOf(writer, n)
    const id = `linked-${writer}-${n}`
    const at = "2024-01-01T00:00:00Z"
    return [id, { id, name, identities: { telegram: accounts(name) }, createdAt: at, updatedAt: at }] as const
  })
  return `${JSON.stringify({ version: 1, mappings: Object.fromEntries(mappings) }, null, 2)}\n`
}

/** The highest number that each writer has in a map. */
export const newest = (names: Iterable<string>): ReadonlyMap<number, number> => {
  const found = new Map<number, number>()
  for (const name of names) {
    const { n, writer } = parts(name)
    found.set(writer, Math.max(n, found.get(writer) ?? 0))
  }
  return found
}
