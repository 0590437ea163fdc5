import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import type { SessionId } from "../session/SessionId.js"
import type { Start } from "../session/Start.js"
import { Disk } from "../storage/Disk.js"
import type { Codec, WriteError } from "../storage/Document.js"
import * as DurableFile from "../storage/DurableFile.js"
import { FileLock } from "../storage/FileLock.js"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import { Agent } from "./Agent.js"
import { spokenIn } from "./Prompt.js"

/** Fields that are not ours are kept. */
const others = { key: Schema.String, value: Schema.Unknown }

const Turn = Schema.Struct({ speaker: Schema.optional(Schema.String), text: Schema.String }, others)
type Turn = typeof Turn.Type
type Turns = ReadonlyArray<Turn>

/** All that is kept of a session. */
const Conversation = Schema.Struct({ turns: Schema.Array(Turn) }, others)
type Conversation = typeof Conversation.Type

/** Where the turns of each session are kept. */
interface History {
  /** All turns of a session, which are none exactly if there is no such session. */
  readonly read: (id: SessionId) => Effect.Effect<Turns, WriteError>
  readonly write: (id: SessionId, turns: Turns) => Effect.Effect<unknown, WriteError>
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
      return start._tag === "Fork" && own.length === 0 ? yield* history.read(start.from) : own
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
    read: (id) => Effect.map(Ref.get(ref), (all) => Option.getOrElse(HashMap.get(all, id), () => [])),
    write: (id, turns) => Ref.update(ref, HashMap.set(id, turns))
  })
)

const decode = Schema.decodeUnknownEither(Conversation)

/** One session as the text of its file. */
export const codec: Codec<Conversation> = {
  empty: { turns: [] },
  decode: (text) =>
    Either.flatMap(JsonText.parse(text), (value) => Either.mapLeft(decode(value), (error) => mismatch(text, error))),
  encode: JsonText.print
}

const inFiles = (directory: string) =>
  Effect.map(Effect.context<Disk | FileLock>(), (context): History => {
    const fileOf = (id: SessionId) =>
      Effect.provide(DurableFile.make(Path.join(directory, `${id}.json`), codec), context)
    return {
      read: (id) =>
        Effect.map(
          Effect.flatMap(fileOf(id), ({ readable }) => readable),
          ({ value }) => value.turns
        ),
      // A session has one turn at a time, so nothing came between reading and writing.
      write: (id, turns) =>
        Effect.flatMap(fileOf(id), ({ modify }) =>
          modify(({ value }) => Either.right(Option.some({ ...value, turns })))
        )
    }
  })

/**
 * Stands in for Claude where there is none: answers with what it was told, how many turns the session has had and what
 * the last one was, so that one sees which messages share a conversation. Keeps them as long as the process lives.
 */
export const layer: Layer.Layer<Agent> = Layer.effect(Agent, Effect.map(inMemory, make))

/** The same, with each session in a file of its own under `directory`: it outlives the process, and others can go on. */
export const layerFile = (directory: string): Layer.Layer<Agent, never, Disk | FileLock> =>
  Layer.effect(Agent, Effect.map(inFiles(directory), make))
