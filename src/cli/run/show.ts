import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { MappingNotFound } from "../../identity/IdentityMapError.js"
import { get } from "../../identity/IdentityMap.js"
import { IdentityStore } from "../../identity/IdentityStore.js"
import * as Json from "../render/json.js"
import { pleasant } from "../render/pleasant.js"

export interface Line {
  readonly id: string
  readonly json: boolean
}

/** Prints one mapping. */
export const run = ({ id, json }: Line) =>
  Effect.gen(function* () {
    const { value } = yield* Effect.flatMap(IdentityStore, ({ readable }) => readable)
    const found = get(value, id)
    if (Option.isNone(found)) return yield* new MappingNotFound({ id })
    if (json) return yield* Console.log(Json.mapping(found.value))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.details(found.value, yield* Clock.currentTimeMillis))
  })
