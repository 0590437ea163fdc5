import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import type { SessionId, Start } from "../session/Start.js"
import { Agent } from "./Agent.js"
import { AgentHistoryFailed } from "./AgentError.js"
import { spokenIn } from "./Prompt.js"

const Turn = Schema.Struct({ speaker: Schema.optional(Schema.String), text: Schema.String })
type Turn = typeof Turn.Type
type Turns = ReadonlyArray<Turn>

/** Where the turns of each session are kept. */
interface History {
  /** All turns of a session; none if there is no such session. */
  readonly read: (id: SessionId) => Effect.Effect<Option.Option<Turns>, AgentHistoryFailed>
  readonly write: (id: SessionId, turns: Turns) => Effect.Effect<void, AgentHistoryFailed>
}

const quoted = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  const start = Array.from(line).slice(0, 60).join("")
  return `"${start}${start === line ? "" : "…"}"`
}

const echo = (id: SessionId, before: Turns, turn: Turn): string => {
  const last = before.at(-1)
  const from = last?.speaker === undefined ? "" : `, from ${last.speaker}`
  const memory = last === undefined ? "" : ` (turn ${before.length} was ${quoted(last.text)}${from})`
  return `You said: ${turn.text}\nTurn ${before.length + 1} of session ${id.slice(0, 8)}${memory}`
}

const make = (history: History) => {
  /** What came before, with the forgiveness of the `claude` command's start: what exists is resumed, the rest begun. */
  const before = (start: Start) =>
    Effect.gen(function* () {
      const own = yield* history.read(start.id)
      const inherited = start._tag === "Fork" && Option.isNone(own) ? yield* history.read(start.from) : own
      return Option.getOrElse(inherited, (): Turns => [])
    })

  return Agent.of({
    answer: Effect.fn("EchoAgent.answer")(function* (start, prompt) {
      const { speaker, text } = spokenIn(prompt)
      const turn: Turn = Option.match(speaker, { onNone: () => ({ text }), onSome: (speaker) => ({ speaker, text }) })
      const turns = yield* before(start)
      yield* history.write(start.id, [...turns, turn])
      return { text: echo(start.id, turns, turn), session: start.id }
    }),
    canFork: true
  })
}

const inMemory = Effect.map(
  Ref.make(HashMap.empty<SessionId, Turns>()),
  (ref): History => ({
    read: (id) => Effect.map(Ref.get(ref), HashMap.get(id)),
    write: (id, turns) => Ref.update(ref, HashMap.set(id, turns))
  })
)

const File = Schema.parseJson(Schema.Struct({ turns: Schema.Array(Turn) }))

const inFiles = (directory: string) =>
  Effect.map(FileSystem.FileSystem, (fs): History => {
    const pathOf = (id: SessionId) => `${directory}/${id}.json`
    const failed = (path: string) => (error: { readonly message: string }) =>
      new AgentHistoryFailed({ path, reason: error.message })
    return {
      read: (id) =>
        fs.readFileString(pathOf(id)).pipe(
          Effect.map(Option.some),
          Effect.catchTag("SystemError", (error) =>
            error.reason === "NotFound" ? Effect.succeed(Option.none<string>()) : Effect.fail(error)
          ),
          Effect.flatMap(Effect.transposeMapOption((text) => Schema.decode(File)(text))),
          Effect.map(Option.map(({ turns }) => turns)),
          Effect.mapError(failed(pathOf(id)))
        ),
      write: (id, turns) =>
        Effect.gen(function* () {
          // A session has one turn at a time, so the name is nobody else's.
          const written = `${pathOf(id)}.new`
          yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
          yield* fs.writeFileString(written, yield* Schema.encode(File)({ turns }), { mode: 0o600 })
          yield* fs.rename(written, pathOf(id))
        }).pipe(Effect.mapError(failed(pathOf(id))))
    }
  })

/**
 * Stands in for Claude where there is none: answers with what it was told, how many turns the session has had and what
 * the last one was, so that one sees which messages share a conversation. Keeps them as long as the process lives.
 */
export const layer: Layer.Layer<Agent> = Layer.effect(Agent, Effect.map(inMemory, make))

/** The same, with each session in a file of its own under `directory`: it outlives the process, and others can go on. */
export const layerFile = (directory: string): Layer.Layer<Agent, never, FileSystem.FileSystem> =>
  Layer.effect(Agent, Effect.map(inFiles(directory), make))
