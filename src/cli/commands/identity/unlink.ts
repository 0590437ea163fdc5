import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Identities } from "../../../identity/Identities.js"
import { Decision } from "../../../identity/Plan.js"
import { json } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

const id = Args.text({ name: "shared-id" }).pipe(Args.withDescription("The mapping's id, as `identity list` shows it"))

export const unlink = Command.make("unlink", { id, json }, ({ id, json }) =>
  Effect.gen(function* () {
    const service = yield* Identities
    const { mapping } = yield* service.change(Decision.Unlink({ id }))
    if (json) return yield* Console.log(Json.mapping(mapping))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.unlinked(mapping))
  })
).pipe(Command.withDescription("Give every account of a mapping a conversation of its own again"))

export const example = "warelay identity unlink shared-1a2b3c4d-5e6f7081"
