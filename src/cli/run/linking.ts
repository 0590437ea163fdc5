import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Process } from "../../config/Process.js"
import { Identities, type Wish } from "../../identity/Identities.js"
import { sharing } from "../render/foresight.js"
import { foresee } from "./foresight.js"
import { confirmed } from "./question.js"

/** Whoever was asked said no. */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>()("NotConfirmed", {}) {
  override get message(): string {
    return "nothing was linked, because you did not say yes"
  }
}

/**
 * Does it, and says whose history will be seen by whom: at a terminal before it is done, and only if the person there
 * wants it; elsewhere when it is done, so that of a refusal nothing is said but that.
 */
export const link = (wish: Wish, ask: boolean) =>
  Effect.gen(function* () {
    const { change, preview } = yield* Identities
    const { interactive } = yield* Process
    const foreseen = yield* preview(wish)
    const lines =
      foreseen.changes.length === 0
        ? []
        : yield* Effect.map(foresee(foreseen), sharing).pipe(
            // That its effect cannot be told is no reason not to do it.
            Effect.catchAll(({ message }) => Effect.succeed([`Which conversation goes on cannot be told: ${message}`]))
          )
    const say = Effect.forEach(lines, (line) => Console.error(line), { discard: true })
    if (!interactive) return yield* Effect.zipLeft(change(wish), say)
    yield* say
    if (ask && lines.length > 0 && !(yield* confirmed("Link them?"))) return yield* new NotConfirmed()
    return yield* change(wish)
  })
