import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Home } from "../config/Home.js"
import { LinkingSettings } from "../identity/LinkingSettings.js"
import type { Disk } from "../storage/Disk.js"

/** From the configuration, which is loaded when somebody is about to be linked and not before. */
export const layer: Layer.Layer<LinkingSettings, never, Home | Disk> = Layer.effect(
  LinkingSettings,
  Effect.map(Effect.context<Home | Disk>(), (context) => ({
    limits: Effect.promise(() => import("./Settings.js")).pipe(
      Effect.flatMap(({ layer, Settings }) => Effect.provide(Settings, layer)),
      Effect.provide(context)
    )
  }))
)
