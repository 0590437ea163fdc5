import * as Command from "@effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Identities } from "../../../identity/Identities.js"
import { json } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

export const list = Command.make("list", { json }, ({ json }) =>
  Effect.gen(function* () {
    const { list } = yield* Identities
    const mappings = yield* list
    if (json) return yield* Console.log(Json.mappings(mappings))
    if (mappings.length === 0)
      return yield* Console.error("No accounts are linked. How to: warelay identity link --help")
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.list(mappings, yield* Clock.currentTimeMillis))
  })
).pipe(Command.withDescription("Show all mappings, oldest first"))

export const example = "warelay identity list --json"
