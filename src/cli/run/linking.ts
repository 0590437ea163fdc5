import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Process } from "../../config/Process.js"
import { Identities, type Wish } from "../../identity/Identities.js"
import type { Plan } from "../../identity/Plan.js"
import { sharing } from "../render/foresight.js"
import { type Foresight, foresee } from "./foresight.js"
import { confirmed } from "./question.js"

/** Whoever was asked said no. */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>()("NotConfirmed", {}) {
  override get message(): string {
    return "nothing was linked, because you did not say yes"
  }
}

/** Whoever was asked said yes to something else than it is by now. */
class OtherwiseMeanwhile extends Schema.TaggedError<OtherwiseMeanwhile>()("OtherwiseMeanwhile", {}) {
  override get message(): string {
    return (
      "nothing was linked: while you were asked, others have changed whose conversation would be seen by whom. " +
      "Type it again to see how it is now."
    )
  }
}

/** Who would see what, whenever it was said. */
const seen = ({ joined }: Foresight): string =>
  JSON.stringify(
    joined.map(({ added, mapping, outlook }) => [
      added.map(String),
      mapping.identities.map(String),
      outlook._tag === "Forked" ? String(outlook.history.whose) : outlook._tag
    ])
  )

/** What there is to say of a plan that links. */
const foretell = (plan: Plan) =>
  plan.changes.length === 0
    ? Effect.succeed({ lines: [], seen: "" })
    : Effect.map(foresee(plan), (foresight) => ({ lines: sharing(foresight), seen: seen(foresight) })).pipe(
        // That its effect cannot be told is no reason not to do it.
        Effect.catchAll(({ message }) =>
          Effect.succeed({ lines: [`Which conversation goes on cannot be told: ${message}`], seen: "" })
        )
      )

const say = ({ lines }: { readonly lines: ReadonlyArray<string> }) =>
  Effect.forEach(lines, (line) => Console.error(line), { discard: true })

/**
 * Does it, and says whose history will be seen by whom: at a terminal before it is done, and only if the person there
 * wants it; elsewhere when it is done, so that of a refusal nothing is said but that.
 */
export const link = (wish: Wish, ask: boolean) =>
  Effect.gen(function* () {
    const { change, preview } = yield* Identities
    const { interactive } = yield* Process
    if (!interactive) return yield* Effect.tap(change(wish), (plan) => Effect.flatMap(foretell(plan), say))
    const foretold = Effect.flatMap(preview(wish), foretell)
    const first = yield* foretold
    yield* say(first)
    if (ask && first.lines.length > 0) {
      if (!(yield* confirmed("Link them?"))) return yield* new NotConfirmed()
      if ((yield* foretold).seen !== first.seen) return yield* new OtherwiseMeanwhile()
    }
    return yield* change(wish)
  })
