import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { variableOf } from "../config/Variable.js"
import { Home } from "../config/Home.js"
import { LinkingSettings, unconfigured } from "../identity/LinkingSettings.js"
import { Disk } from "../storage/Disk.js"

const isSet = (name: string) => Effect.isSuccess(Config.nonEmptyString(variableOf([name])))

/** Whether somebody has set something that these settings can come from: the file, or a variable that is theirs. */
const isConfigured = Effect.gen(function* () {
  const { config } = yield* Home
  const file = yield* Effect.flatMap(Disk, ({ stat }) => stat(config)).pipe(
    Effect.match({ onFailure: () => true, onSuccess: Option.isSome })
  )
  return file || (yield* Effect.exists(Object.keys(unconfigured), isSet))
})

/**
 * From the configuration, which is loaded when somebody is about to be linked and not before, and only where there is one:
 * to know all that can be configured takes a fifth of the command.
 */
export const make: Effect.Effect<LinkingSettings["Type"], never, Home | Disk> = Effect.map(
  Effect.context<Home | Disk>(),
  (context) => ({
    limits: Effect.if(isConfigured, {
      onFalse: () => Effect.succeed(unconfigured),
      onTrue: () =>
        Effect.flatMap(
          Effect.promise(() => import("./Settings.js")),
          ({ layer, Settings }) => Effect.provide(Settings, layer)
        )
    }).pipe(Effect.provide(context))
  })
)

export const layer = Layer.effect(LinkingSettings, make)
