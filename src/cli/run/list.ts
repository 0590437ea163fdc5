import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { list } from "../../identity/IdentityMap.js"
import { IdentityStore } from "../../identity/IdentityStore.js"
import * as Json from "../render/json.js"
import { pleasant } from "../render/pleasant.js"

/** Prints all mappings, oldest first. */
export const run = (json: boolean) =>
  Effect.gen(function* () {
    const { value } = yield* Effect.flatMap(IdentityStore, ({ readable }) => readable)
    if (json) {
      const parts = Json.mappings(Array.from(value.entries.values()))
      return yield* Effect.forEach(parts, (part) => Console.log(part()), { discard: true })
    }
    const mappings = list(value)
    if (mappings.length === 0)
      return yield* Console.error("No accounts are linked. How to: warelay identity link --help")
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.list(mappings, yield* Clock.currentTimeMillis))
  })
