import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Process } from "../../config/Process.js"
import type { Identity } from "../../identity/Identity.js"
import * as sessions from "../../layers/sessions.js"
import * as storage from "../../layers/storage.js"
import { layerFile } from "../../session/SessionStoreFile.js"
import * as Render from "../render/forget.js"
import { foreseeIn } from "./foresight.js"
import { type Forgetting, forget, forgetting } from "./forgetting.js"
import { confirmed } from "./question.js"

export interface Line {
  readonly identity: Identity
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
}

/** Whoever was asked said no. */
export class NotForgotten extends Schema.TaggedError<NotForgotten>()("NotForgotten", {}) {
  override get message(): string {
    return "nothing was forgotten, because you did not say yes"
  }
}

const rehearse = (found: Forgetting, json: boolean) =>
  Effect.gen(function* () {
    const foresight = yield* Effect.provide(foreseeIn(found.plan), sessions.layerWithout(found.keys))
    yield* Console.log((json ? Render.dryRunJson : Render.dryRun)(found, foresight))
  })

const done = (found: Forgetting, json: boolean) =>
  Effect.gen(function* () {
    yield* Effect.tapError(forget(found), () => Console.error(Render.unfinished))
    yield* Console.log((json ? Render.json : Render.text)(found))
  })

/** Removes every trace of an account that is ours to remove, and says which others there are. */
export const run = ({ dryRun, identity, json, yes }: Line) =>
  Effect.gen(function* () {
    const found = yield* forgetting(identity)
    if (dryRun) return yield* rehearse(found, json)
    const { interactive } = yield* Process
    if (!interactive || yes || Render.isNothing(found)) return yield* done(found, json)
    yield* Console.error(Render.question(found))
    if (!(yield* confirmed(`Forget ${identity} for good?`))) return yield* new NotForgotten()
    // Whoever is asked takes his time, and others go on.
    yield* done(yield* forgetting(identity), json)
  }).pipe(Effect.provide(Layer.provideMerge(layerFile, storage.layer)))
