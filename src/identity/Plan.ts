import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { between, type Changes } from "./Change.js"
import { Decision } from "./Decision.js"
import { accountOf } from "./Identity.js"
import { type Refusal, TooFewIdentities } from "./IdentityError.js"
import { type IdentityMap, make } from "./IdentityMap.js"
import type { IdentityMapping, Timestamp } from "./IdentityMapping.js"
import { nameOf } from "./Pair.js"
import { allowed } from "./plan/Allowed.js"
import { forget } from "./plan/Forget.js"
import { importInto } from "./plan/Import.js"
import { link } from "./plan/Link.js"
import type { Fresh, Next } from "./plan/Next.js"
import { leave, pin, removeFrom, rename, unlink } from "./plan/OneMapping.js"
import { undo } from "./plan/Undo.js"
import type { Action } from "./Recorded.js"

/** What a decision comes to on a certain map. Without changes, it is so already. */
export interface Plan {
  readonly at: Timestamp
  readonly by: string
  readonly decision: Decision
  readonly action: Action
  /** The change that it reverts. */
  readonly undoes: Option.Option<number>
  readonly changes: Changes
  readonly before: IdentityMap
  readonly after: IdentityMap
  /** The mapping that the decision is about, if it is about one: as it is afterwards, or as it was if it is gone. */
  readonly mapping: Option.Option<IdentityMapping>
}

const never = (
  map: IdentityMap,
  { pair }: { readonly pair: Parameters<typeof nameOf>[0] }
): Either.Either<Next, Refusal> => {
  const [one, other] = pair
  return accountOf(one) === accountOf(other)
    ? Either.left(new TooFewIdentities({ least: 2 }))
    : Either.right({
        action: "never",
        entries: map.entries,
        never: new Map([...map.never, [nameOf(pair), pair]]),
        mapping: Option.none()
      })
}

const next = (map: IdentityMap, decision: Decision, fresh: Fresh): Either.Either<Next, Refusal> =>
  Decision.$match(decision, {
    Forget: (one) => Either.right(forget(map, one, fresh)),
    Import: (one) => importInto(map, one, fresh),
    Leave: (one) => leave(map, one, fresh),
    Link: (one) => link(map, one, fresh),
    Never: (one) => never(map, one),
    Pin: (one) => pin(map, one, fresh),
    Remove: (one) => removeFrom(map, one, fresh),
    Rename: (one) => rename(map, one, fresh),
    Undo: (one) => undo(map, one, fresh),
    Unlink: (one) => unlink(map, one)
  })

/** What the decision comes to on this map, or why it is refused. */
export const plan = (map: IdentityMap, decision: Decision, fresh: Fresh): Either.Either<Plan, Refusal> =>
  Either.gen(function* () {
    const { action, entries, mapping, never = map.never, raw = map.raw, undoes } = yield* next(map, decision, fresh)
    const after = make(entries, never, raw)
    const changes = between(map, after)
    yield* allowed(changes, fresh.limits)
    const made = { decision, action, undoes: Option.fromNullable(undoes), changes, before: map, after, mapping }
    return { at: fresh.now, by: fresh.by, ...made }
  })
