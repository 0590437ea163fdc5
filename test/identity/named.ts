// Who may have another key after a decision.
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { mappingsIn } from "../../src/identity/Change.js"
import { type Wish } from "../../src/identity/Identities.js"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { get, type IdentityMap, list, pinned } from "../../src/identity/IdentityMap.js"
import { plan } from "../../src/identity/Plan.js"
import { fresh, informed, type World } from "./world.js"

type Accounts = ReadonlySet<string>

export const accountsOf = (identities: ReadonlyArray<Identity>): ReadonlyArray<string> => identities.map(accountOf)

/** Everybody in a mapping, and the accounts that usernames in it are pinned to. */
export const membersOf = (map: IdentityMap, id: string): ReadonlyArray<string> =>
  Option.toArray(get(map, id)).flatMap((mapping) => accountsOf([...mapping.identities, ...pinned(mapping)]))

export const ownersOf = (map: IdentityMap, accounts: Iterable<string>): ReadonlyArray<string> =>
  Array.from(accounts).flatMap((account) => map.owners.get(account) ?? [])

/** With each also the other names of the account. */
export const withNames = (map: IdentityMap, accounts: ReadonlyArray<string>): Accounts => {
  const all = new Set(accounts)
  for (const { pins = {} } of list(map)) {
    for (const [username, number] of Object.entries(pins)) {
      const names = [username, number].map((name) => `telegram:${name.toLowerCase()}`)
      if (names.some((name) => all.has(name))) for (const name of names) all.add(name)
    }
  }
  return all
}

/** Everybody whom a decision names: by himself, or with his mapping where all of a mapping are meant. */
export const named = (wish: Wish, { history, map }: World): Accounts => {
  const all = (accounts: ReadonlyArray<string>) => withNames(map, accounts)
  switch (wish._tag) {
    case "Link": {
      const accounts = accountsOf(wish.identities)
      return wish.onConflict === "merge"
        ? all([...accounts, ...ownersOf(map, accounts).flatMap((id) => membersOf(map, id))])
        : all(accounts)
    }
    case "Unlink":
    case "Leave":
      return all(membersOf(map, wish.id))
    case "Remove":
      return all(accountsOf(wish.identities))
    case "Rename":
    case "Never":
      return new Set()
    case "Pin":
      return all(accountsOf([wish.username, wish.number]))
    case "Forget":
      return all(accountsOf([wish.identity]))
    case "Undo": {
      const reverted = Either.match(plan(map, informed(wish, history), fresh(99)), {
        onLeft: () => undefined,
        onRight: ({ undoes }) => history.find(({ sequence }) => sequence === Option.getOrUndefined(undoes))
      })
      const ids = mappingsIn(reverted?.changes ?? []).map(({ id }) => id)
      const before = mappingsIn(reverted?.changes ?? []).flatMap((change) => Option.toArray(change.before))
      return all([
        ...ids.flatMap((id) => membersOf(map, id)),
        ...before.flatMap(({ mapping }) => accountsOf([...mapping.identities, ...pinned(mapping)]))
      ])
    }
    case "Import": {
      const ids = list(wish.map).map(({ id }) => id)
      const brought = ids.flatMap((id) => membersOf(wish.map, id))
      const whole = wish.onConflict === "merge" ? [...ids, ...ownersOf(map, brought)] : ids
      return all([...brought, ...whole.flatMap((id) => membersOf(map, id))])
    }
  }
}
