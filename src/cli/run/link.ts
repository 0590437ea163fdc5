import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ConflictPolicy, Decision } from "../../identity/Decision.js"
import { Identities } from "../../identity/Identities.js"
import type { Identity } from "../../identity/Identity.js"
import * as Json from "../render/json.js"
import { pleasant } from "../render/pleasant.js"
import { rehearsal } from "./rehearsal.js"

export interface Line {
  readonly whatsapp: ReadonlyArray<Identity>
  readonly telegram: ReadonlyArray<Identity>
  readonly twilio: ReadonlyArray<Identity>
  readonly name: Option.Option<string>
  readonly keep: Option.Option<Identity | "none">
  readonly into: Option.Option<string>
  readonly onConflict: ConflictPolicy
  readonly yes: boolean
  readonly dryRun: boolean
  readonly json: boolean
}

/** Takes the configuration and the sessions, and is loaded only then. */
const linking = Effect.promise(() => import("./linking.js"))

const wishOf = (line: Line) =>
  Decision.Link({
    identities: [...line.whatsapp, ...line.telegram, ...line.twilio],
    name: Option.getOrUndefined(line.name),
    keep: Option.getOrUndefined(line.keep),
    into: Option.getOrUndefined(line.into),
    onConflict: line.onConflict
  })

/** Links, and prints what that came to. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const wish = wishOf(line)
    if (line.dryRun) return yield* (yield* rehearsal).dryRun(wish, line.json)
    if (line.json) {
      const { mapping } = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
      return yield* Console.log(Json.mapping(Option.getOrThrow(mapping)))
    }
    const { changes, mapping } = yield* (yield* linking).link(wish, !line.yes)
    const linked = Option.getOrThrow(mapping)
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.linked(linked, changes.length > 0))
  })
