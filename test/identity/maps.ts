// Arbitrary identity maps, as a person's file may hold them, in which few accounts meet often.
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { accountOf, type Identity, isUsername } from "../../src/identity/Identity.js"
import { type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { nameOf, type Pair } from "../../src/identity/Pair.js"
import { providers } from "../../src/identity/Provider.js"
import { the } from "./arbitrary.js"

/** Everybody there is. Two have one number at two providers. */
export const people: ReadonlyArray<Identity> = [
  the("whatsapp", "+12345670001"),
  the("whatsapp", "+12345670002"),
  the("whatsapp", "98765@lid"),
  the("telegram", "@john"),
  the("telegram", "@Mary"),
  the("telegram", "@anna_k"),
  the("telegram", "900000001"),
  the("telegram", "900000002"),
  the("telegram", "900000003"),
  the("twilio", "+12345670001"),
  the("twilio", "+12345670003"),
  the("twilio", "US.aBc12")
]

/** Account numbers that usernames are pinned to; the last two are in no mapping by themselves. */
export const numbers: ReadonlyArray<Identity> = ["900000001", "900000002", "900000004", "900000005"].map((id) =>
  the("telegram", id)
)

export const everybody: ReadonlyArray<Identity> = [...people, ...numbers.slice(2)]

export const person = FastCheck.constantFrom(...people)
export const somePeople = FastCheck.subarray([...people], { minLength: 1, maxLength: 4 })

const ids = ["family", "a", "shared-abc-123", "b-1"] as const

/** What an editor or another program may have put beside what is ours. */
const foreign = FastCheck.oneof(
  FastCheck.constantFrom<unknown>(null, 7, true, "", "seen today", [], {}),
  FastCheck.record({ deep: FastCheck.array(FastCheck.constantFrom(1, "x", null), { maxLength: 2 }) }),
  person.map(({ id }) => `ask ${id}.`)
)

const fields = (...names: ReadonlyArray<string>) =>
  FastCheck.dictionary(FastCheck.constantFrom(...names), foreign, { maxKeys: 2 })

const option = <A>(one: FastCheck.Arbitrary<A>) => FastCheck.option(one, { nil: undefined, freq: 2 })

const mappingFields = FastCheck.record({
  name: option(FastCheck.constantFrom("John", "the Smiths", "+12345670001 at work")),
  keep: option(FastCheck.nat(12)),
  continues: option(FastCheck.constantFrom(["gone-1"], ["gone-1", "gone-2"])),
  pins: FastCheck.array(option(FastCheck.constantFrom(...numbers)), { minLength: 3, maxLength: 3 }),
  beside: fields("note", "since", "telegram", "x-y"),
  within: fields("matrix", "id", "signal"),
  isOdd: FastCheck.boolean(),
  year: FastCheck.integer({ min: 2000, max: 2024 })
})

interface MappingFields {
  readonly name: string | undefined
  readonly keep: number | undefined
  readonly continues: ReadonlyArray<string> | undefined
  readonly pins: ReadonlyArray<Identity | undefined>
  readonly beside: Record<string, unknown>
  readonly within: Record<string, unknown>
  readonly isOdd: boolean
  readonly year: number
}

const reversed = (object: object): object => Object.fromEntries(Object.entries(object).reverse())

/** A mapping as it stands in a file; an odd one as no program of ours would have written it. */
const written = (id: string, identities: ReadonlyArray<Identity>, extra: MappingFields): object => {
  const { beside, continues, isOdd, keep, name, pins, within, year } = extra
  const byProvider = providers.flatMap((provider) => {
    const all = identities.filter((one) => one.provider === provider).map((one) => String(one.id))
    return all.length === 0 ? [] : [[provider, all.length === 1 && !isOdd ? all[0] : all] as const]
  })
  const kept = keep === undefined ? undefined : (identities[keep]?.toString() ?? "none")
  const pinned = identities.filter(isUsername).flatMap((one, n) => {
    const number = pins[n]
    return number === undefined ? [] : [[one.id, number.id] as const]
  })
  const object = {
    id,
    ...(name === undefined ? {} : { name }),
    identities: { ...Object.fromEntries(byProvider), ...within },
    ...(kept === undefined ? {} : { keep: kept }),
    ...(continues === undefined ? {} : { continues }),
    ...(pinned.length === 0 ? {} : { pins: Object.fromEntries(pinned) }),
    createdAt: `${year}-01-01T00:00:00Z`,
    updatedAt: `${year}-06-01T00:00:00+02:00`,
    ...beside
  }
  return isOdd ? reversed(object) : object
}

const pairs = FastCheck.array(FastCheck.tuple(person, person), { maxLength: 3 }).map((all) =>
  Array.from(
    new Map(
      all.filter(([one, other]) => accountOf(one) !== accountOf(other)).map((pair) => [nameOf(pair), pair])
    ).values()
  )
)

const textOf = (
  groups: ReadonlyArray<ReadonlyArray<Identity>>,
  extras: ReadonlyArray<MappingFields>,
  never: ReadonlyArray<Pair>,
  root: Record<string, unknown>
): string => {
  const mappings = groups.flatMap((identities, n) => {
    const [id, extra] = [ids[n], extras[n]]
    return identities.length === 0 || id === undefined || extra === undefined
      ? []
      : [[id, written(id, identities, extra)] as const]
  })
  const document = {
    ...root,
    version: 1,
    mappings: Object.fromEntries(mappings),
    ...(never.length === 0 ? {} : { never: never.map((pair) => pair.map(String)) })
  }
  return JSON.stringify(document, null, 2)
}

/** In a counterexample a map is shown as its file. */
const decoded = (text: string): IdentityMap =>
  Object.defineProperty(
    Either.getOrThrowWith(codec.decode(text), ({ reason }) => new Error(`${reason}: ${text}`)),
    FastCheck.toStringMethod,
    { value: () => text, enumerable: false }
  )

const maps = (twice: number) =>
  FastCheck.tuple(
    FastCheck.array(FastCheck.nat(5), { minLength: people.length, maxLength: people.length }),
    FastCheck.array(FastCheck.tuple(person, FastCheck.nat(3)), { minLength: twice, maxLength: twice }),
    FastCheck.array(mappingFields, { minLength: ids.length, maxLength: ids.length }),
    pairs,
    fields("$comment", "people")
  ).map(([groups, again, extras, never, root]) => {
    const members = ids.map((_, group) => [
      ...people.filter((_, n) => groups[n] === group + 1),
      ...again.filter(([, at]) => at === group).map(([one]) => one)
    ])
    return decoded(textOf(members, extras, never, root))
  })

/** A map in which nobody is in two mappings. */
export const soundMap: FastCheck.Arbitrary<IdentityMap> = maps(0)

/** A map in which an edit by hand may have put somebody into two mappings, or into one twice. */
export const anyMap: FastCheck.Arbitrary<IdentityMap> = FastCheck.oneof(maps(0), maps(2))

/** The map that a file with these mappings holds, called `m0`, `m1` and so on if they do not say. */
export const mapOf = (...mappings: ReadonlyArray<object>): IdentityMap =>
  Either.getOrThrow(
    codec.decode(
      JSON.stringify({
        version: 1,
        mappings: Object.fromEntries(
          mappings.map((mapping, n) => [
            `m${n}`,
            { id: `m${n}`, createdAt: "2024-01-01T00:00:00Z", updatedAt: "2024-01-01T00:00:00Z", ...mapping }
          ])
        )
      })
    )
  )

/** Whether everybody is in one mapping at most, and there once. */
export const isSound = (map: IdentityMap): boolean => {
  const accounts = list(map).flatMap(({ identities }) => identities.map(accountOf))
  return new Set(accounts).size === accounts.length
}
