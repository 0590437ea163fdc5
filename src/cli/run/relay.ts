import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ChannelName } from "../../channels/ChannelName.js"
import type { LogFormat, LogLevel } from "../../config/LogSettings.js"
import { namesOf } from "../../layers/channels.js"
import * as relay from "../../layers/relay.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { Relay } from "../../relay/Relay.js"
import * as Log from "../Log.js"
import { Shutdown } from "../Shutdown.js"
import { version } from "../Version.js"

export interface Line {
  readonly providers: Option.Option<ReadonlyArray<ChannelName>>
  readonly logLevel: Option.Option<LogLevel>
  readonly logFormat: Option.Option<LogFormat>
}

/** What is to be served and how it is to be logged, by the line and else by the configuration. */
const settled = ({ logFormat, logLevel, providers }: Line) =>
  Effect.gen(function* () {
    const { log } = yield* Settings.Settings
    return {
      names: yield* namesOf(providers),
      log: {
        level: Option.getOrElse(logLevel, () => log.level),
        format: Option.getOrElse(logFormat, () => log.format)
      }
    }
  }).pipe(Effect.provide(Settings.layer))

/** Serves until the channels end or the first Ctrl-C, which lets what is being answered be finished. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const { log, names } = yield* settled(line)
    const stop = yield* (yield* Shutdown).claim
    yield* Effect.flatMap(Relay, ({ run }) =>
      Effect.zipRight(Effect.logInfo(`serving ${names.join(", ")}`), run(stop))
    ).pipe(Effect.provide(relay.layer(names, version)), Log.as(log))
  }).pipe(Effect.provide(storage.layer))
