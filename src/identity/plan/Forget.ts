import type * as Data from "effect/Data"
import * as Option from "effect/Option"
import type { Decision } from "../Decision.js"
import { type IdentityMap, mappingWith } from "../IdentityMap.js"
import { has } from "../Pair.js"
import type { Fresh, Next } from "./Next.js"
import { type Draft, entryOf } from "./Draft.js"
import { unmentioned, without } from "./Forgotten.js"

/** The map without an identity, wherever it stood. */
export const forget = (
  map: IdentityMap,
  { identity }: Data.TaggedEnum.Value<Decision, "Forget">,
  { now }: Fresh
): Next => {
  const draft: Draft = new Map()
  const leftOf = without(identity)
  for (const [id, entry] of map.entries) {
    for (const left of Option.toArray(leftOf(entry))) {
      const { mapping, raw } = left
      draft.set(id, left === entry ? entry : entryOf({ ...mapping, updatedAt: now }, raw))
    }
  }
  return {
    action: "forget",
    entries: draft,
    never: new Map(Array.from(map.never).filter(([, pair]) => !has(pair, identity))),
    raw: unmentioned(map.raw, identity),
    mapping: mappingWith(map, identity)
  }
}
