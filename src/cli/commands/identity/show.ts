import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Identities } from "../../../identity/Identities.js"
import { MappingNotFound } from "../../../identity/IdentityError.js"
import { json } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

const id = Args.text({ name: "shared-id" }).pipe(Args.withDescription("The mapping's id, as `identity list` shows it"))

export const show = Command.make("show", { id, json }, ({ id, json }) =>
  Effect.gen(function* () {
    const { get } = yield* Identities
    const found = yield* get(id)
    if (Option.isNone(found)) return yield* new MappingNotFound({ id })
    if (json) return yield* Console.log(Json.mapping(found.value))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.details(found.value, yield* Clock.currentTimeMillis))
  })
).pipe(Command.withDescription("Show one mapping"))

export const example = "warelay identity show shared-1a2b3c4d-5e6f7081"
