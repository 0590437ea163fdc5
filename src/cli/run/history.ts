import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { mappingsIn } from "../../identity/Change.js"
import { MappingNotFound } from "../../identity/IdentityMapError.js"
import { get } from "../../identity/IdentityMap.js"
import { type History, unrecorded } from "../../identity/Journal.js"
import { absent } from "../../storage/Document.js"
import * as Render from "../render/history.js"
import { archive } from "./archive.js"

export interface Line {
  readonly id: Option.Option<string>
  readonly json: boolean
}

const touching = (history: History, id: Option.Option<string>): History =>
  Option.match(id, {
    onNone: () => history,
    onSome: (id) => history.filter(({ changes }) => mappingsIn(changes).some((one) => String(one.id) === id))
  })

/** Prints what was done to the map, or to one mapping. */
export const run = ({ id, json }: Line) =>
  Effect.gen(function* () {
    const { history, snapshot } = yield* archive
    const found = touching(history, id)
    if (Option.isSome(id) && found.length === 0 && Option.isNone(get(snapshot.value, id.value))) {
      return yield* new MappingNotFound({ id: id.value })
    }
    if (unrecorded(history, snapshot).length > 0) {
      yield* Console.error(Render.edited(snapshot.revision === absent, history.length > 0))
    }
    if (json) return yield* Console.log(Render.json(found))
    if (found.length === 0) return yield* Console.error(Render.nothing(id))
    yield* Console.log(Render.text(found, id, yield* Clock.currentTimeMillis))
  })
