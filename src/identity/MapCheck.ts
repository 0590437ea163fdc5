import * as Option from "effect/Option"
import { masked } from "../config/Masked.js"
import * as JsonText from "../storage/JsonText.js"
import type { Finding } from "../storage/Problem.js"
import { accountOf, type Identity } from "./Identity.js"
import type { IdentityMap } from "./IdentityMap.js"
import type { IdentityMapping } from "./IdentityMapping.js"

/** Finds something in a map that can be read, and yet is not what anybody can have meant. */
type MapCheck = (map: IdentityMap, text: string) => ReadonlyArray<Finding>

/** Where an identity of a mapping stands in the text. */
const placeOf = (text: string, { id, identities }: IdentityMapping, identity: Identity): Finding["at"] => {
  const index = identities.filter(({ provider }) => provider === identity.provider).indexOf(identity)
  return Option.some(JsonText.locate(text, ["mappings", id, "identities", identity.provider, index]))
}

/** An identity belongs to one mapping: the first in the file. */
const inTwoMappings: MapCheck = (map, text) =>
  Array.from(map.entries.values()).flatMap(({ mapping }) =>
    mapping.identities.flatMap((identity) => {
      const owner = map.owners.get(accountOf(identity))
      if (owner === undefined || owner === mapping.id) return []
      return [
        {
          at: placeOf(text, mapping, identity),
          problem: `${masked(identity.toString())} stands in ${mapping.id} and, before that, in ${owner}: it belongs to ${owner} alone`,
          fix: "Take it out of the one that it should not be in."
        }
      ]
    })
  )

const checks: ReadonlyArray<MapCheck> = [inTwoMappings]

/** All that is wrong in a map that can be read. */
export const check: MapCheck = (map, text) => checks.flatMap((find) => find(map, text))
