import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { homedir, userInfo } from "node:os"
import * as Path from "node:path"
import { HomeUnknown } from "./HomeUnknown.js"

/** Absolute paths of the directory that holds everything, and of what is in it. */
export class Home extends Context.Tag("warelay/config/Home")<
  Home,
  {
    readonly directory: string
    readonly config: string
    readonly identityMap: string
    /** What was done to the identity map. */
    readonly journal: string
    readonly sessions: string
    /** What people are about to link themselves, by codes. */
    readonly proofs: string
    /** With which the codes are kept. */
    readonly proofKey: string
    /** What the relay has taken over and not finished. */
    readonly inbox: string
    /** Who wrote and may not. */
    readonly turnedAway: string
    /** Held by the relay that runs. */
    readonly relayLock: string
    /** Where the relay that runs can be asked and told. */
    readonly relaySocket: string
    /** Lock files of the sessions, named by hash. */
    readonly locks: string
    /** The directory of the linked device's credentials and keys. */
    readonly whatsapp: string
    /** Claude's working directory; empty. */
    readonly agent: string
    /** The conversations of the agent that only repeats. */
    readonly echo: string
  }
>() {}

export const at = (directory: string): Home["Type"] => ({
  directory: Path.resolve(directory),
  config: Path.resolve(directory, "clawdis.json"),
  identityMap: Path.resolve(directory, "identity-map.json"),
  journal: Path.resolve(directory, "identity-journal.ndjson"),
  sessions: Path.resolve(directory, "sessions.json"),
  proofs: Path.resolve(directory, "proofs.json"),
  proofKey: Path.resolve(directory, "proof.key"),
  inbox: Path.resolve(directory, "inbox.ndjson"),
  turnedAway: Path.resolve(directory, "turned-away.json"),
  relayLock: Path.resolve(directory, "relay.lock"),
  relaySocket: Path.resolve(directory, "relay.sock"),
  locks: Path.resolve(directory, "locks"),
  whatsapp: Path.resolve(directory, "whatsapp"),
  agent: Path.resolve(directory, "agent"),
  echo: Path.resolve(directory, "echo")
})

/** The home in this directory. */
export const layerAt = (directory: string): Layer.Layer<Home> => Layer.succeed(Home, at(directory))

/** The user's own directory. `HOME` may be set to nothing, or to something that counts from wherever one is. */
const own = (): string => {
  const named = homedir()
  return Path.isAbsolute(named) ? named : userInfo().homedir
}

/** `$WARELAY_HOME`, or `~/.clawdis`. */
export const found: Effect.Effect<Home["Type"], HomeUnknown> = Effect.flatMap(
  Effect.option(Config.nonEmptyString("WARELAY_HOME")),
  (set) =>
    Effect.try({
      try: () => at(Option.getOrElse(set, () => Path.join(own(), ".clawdis"))),
      catch: () => new HomeUnknown({ set })
    })
)

export const layer: Layer.Layer<Home, HomeUnknown> = Layer.effect(Home, found)
