import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { defaultSettings } from "../agent/AgentSettings.js"
import * as CommandAgent from "../agent/CommandAgent.js"
import * as EchoAgent from "../agent/EchoAgent.js"
import { Home } from "../config/Home.js"
import { Process } from "../config/Process.js"
import { Settings } from "./Settings.js"

const onPath = (program: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { environment } = yield* Process
    const directories = (environment["PATH"] ?? "").split(Path.delimiter).filter((directory) => directory !== "")
    return yield* Effect.exists(directories, (directory) =>
      Effect.orElseSucceed(fs.exists(Path.join(directory, program)), () => false)
    )
  })

/**
 * The agent that the configuration names. Where `instead` is set, the one that only repeats takes the place of a `claude`
 * that was never configured and is not installed, and says so.
 */
export const layer = (instead: boolean) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const { agent: settings } = yield* Settings
      const { agent: directory, echo } = yield* Home
      if (settings.echo) return EchoAgent.layerFile(echo)
      const [program] = settings.command
      if (instead && program === defaultSettings.command[0] && !(yield* onPath(program))) {
        yield* Effect.logWarning(
          `There is no ${program} on the PATH, so nobody thinks here: what you write is only repeated. Install Claude Code to talk to Claude.`
        )
        return EchoAgent.layerFile(echo)
      }
      const { environment } = yield* Process
      return CommandAgent.layer({ settings, directory, environment })
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))
