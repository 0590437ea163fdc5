// Arbitrary decisions of every kind. What each is about is picked when it is made, from what there is then.
import * as FastCheck from "effect/FastCheck"
import { type ConflictPolicy, conflictPolicies, Decision } from "../../src/identity/Decision.js"
import type { Wish } from "../../src/identity/Identities.js"
import type { Identity } from "../../src/identity/Identity.js"
import { get, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import type { History } from "../../src/identity/Journal.js"
import * as Option from "effect/Option"
import { numbers, people, person, somePeople, soundMap } from "./maps.js"

/** What somebody wants, as far as it can be said before it is known what there is. */
export interface Intent {
  readonly wants: Wish["_tag"]
  readonly identities: ReadonlyArray<Identity>
  readonly identity: Identity
  readonly other: Identity
  readonly number: Identity
  readonly name: string | undefined
  readonly keep: Identity | "none" | undefined
  readonly onConflict: ConflictPolicy | undefined
  /** Which mapping, member or change; there need not be so many. */
  readonly which: number
  readonly member: number
  readonly isInto: boolean
  readonly isLast: boolean
  readonly map: IdentityMap
}

const option = <A>(one: FastCheck.Arbitrary<A>) => FastCheck.option(one, { nil: undefined, freq: 2 })

export const kinds: ReadonlyArray<Wish["_tag"]> = [
  "Link",
  "Unlink",
  "Remove",
  "Leave",
  "Rename",
  "Pin",
  "Never",
  "Forget",
  "Undo",
  "Import"
]

/** Intents of these kinds; linking is more frequent than each other. */
export const intentOf = (...wanted: ReadonlyArray<Wish["_tag"]>): FastCheck.Arbitrary<Intent> =>
  FastCheck.record({
    wants: FastCheck.constantFrom(...wanted.flatMap((kind) => (kind === "Link" ? [kind, kind, kind] : [kind]))),
    identities: somePeople,
    identity: person,
    other: person,
    number: FastCheck.constantFrom(...numbers),
    name: option(FastCheck.constantFrom("John", "Jane", "the Smiths")),
    keep: option(FastCheck.oneof(person, FastCheck.constant("none" as const))),
    onConflict: option(FastCheck.constantFrom(...conflictPolicies)),
    which: FastCheck.nat(5),
    member: FastCheck.nat(5),
    isInto: FastCheck.boolean(),
    isLast: FastCheck.boolean(),
    map: soundMap
  })

export const intent = intentOf(...kinds)

/** Some of them after each other. */
export const intents = (of: FastCheck.Arbitrary<Intent> = intent, maxLength = 8) =>
  FastCheck.array(of, { minLength: 1, maxLength })

const nth = <A>(all: ReadonlyArray<A>, n: number): A | undefined => all[n % (all.length + 1)]

/** The decision that an intent comes to where this is the map, and this was done before. */
export const wishOf = (intent: Intent, map: IdentityMap, history: History): Wish => {
  const { identities, identity, isInto, isLast, keep, member, name, number, onConflict, other, which } = intent
  const id = nth(list(map), which)?.id ?? "constructor"
  const members = Option.match(get(map, id), { onNone: () => people, onSome: (one) => one.identities })
  const one = members[member % members.length] ?? identity
  switch (intent.wants) {
    case "Link":
      return isInto && !isLast
        ? Decision.Link({ identities, name, onConflict, into: id })
        : Decision.Link({ identities: [...identities, identity], name, keep, onConflict })
    case "Unlink":
      return Decision.Unlink({ id })
    case "Remove":
      return Decision.Remove({ id, identities: isLast ? [one] : [one, identity] })
    case "Leave":
      return Decision.Leave({ id, identity: isLast ? one : identity })
    case "Rename":
      return Decision.Rename({ id, name: name ?? "Somebody" })
    case "Pin":
      return Decision.Pin({ id: WrittenSharedId.make(id === "constructor" ? "nobody" : id), username: one, number })
    case "Never":
      return Decision.Never({ pair: [identity, other] })
    case "Forget":
      return Decision.Forget({ identity: isLast ? number : identity })
    case "Undo":
      return {
        _tag: "Undo",
        ...(isLast ? {} : { sequence: 1 + which * 2 + (member % 2) + (isInto ? 0 : history.length >> 1) })
      }
    case "Import":
      return Decision.Import({ map: intent.map, history: [], onConflict: onConflict ?? "refuse" })
  }
}

/** A name for the case in which it fails. */
export const described = (wish: Wish): string =>
  JSON.stringify(wish, (key, value: unknown) => (key === "map" || key === "history" ? "…" : value))
