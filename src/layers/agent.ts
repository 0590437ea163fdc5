import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { defaultSettings } from "../agent/AgentSettings.js"
import * as CommandAgent from "../agent/CommandAgent.js"
import * as EchoAgent from "../agent/EchoAgent.js"
import { Home } from "../config/Home.js"
import { Process } from "../config/Process.js"
import { Disk } from "../storage/Disk.js"
import { Settings } from "./Settings.js"

const onPath = (program: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { environment } = yield* Process
    const directories = (environment["PATH"] ?? "").split(Path.delimiter).filter((directory) => directory !== "")
    return yield* Effect.exists(directories, (directory) =>
      Effect.match(disk.stat(Path.join(directory, program)), { onFailure: () => false, onSuccess: Option.isSome })
    )
  })

export interface Manner {
  /** Whether the home's one relay asks it: more turns follow, for which a command may stay. */
  readonly isRelay: boolean
  /**
   * Whether the one that only repeats takes the place of a `claude` that was never configured and is not installed, and
   * says so.
   */
  readonly echoWithoutClaude: boolean
}

/** The agent that the configuration names. */
export const layer = ({ echoWithoutClaude, isRelay }: Manner) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const { agent: settings } = yield* Settings
      const { agent: directory, echo } = yield* Home
      if (settings.echo) return EchoAgent.layerFile(echo)
      const [program] = settings.command
      if (echoWithoutClaude && program === defaultSettings.command[0] && !(yield* onPath(program))) {
        yield* Effect.logWarning(
          `There is no ${program} on the PATH, so nobody thinks here: what you write is only repeated. Install Claude Code to talk to Claude.`
        )
        return EchoAgent.layerFile(echo)
      }
      const { environment } = yield* Process
      return CommandAgent.layer({ settings, directory, environment, stays: isRelay })
    })
  )
