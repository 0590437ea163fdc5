import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Path from "node:path"
import { Home } from "../../config/Home.js"
import * as Directory from "../../storage/Directory.js"
import { Disk, type DiskError, sameSignature, type Signature } from "../../storage/Disk.js"
import type { WriteError } from "../../storage/Document.js"
import { FileLock } from "../../storage/FileLock.js"
import type { Lines } from "../../storage/Log.js"
import * as LogFile from "../../storage/LogFile.js"
import { DocumentUnreadable, StorageFailed } from "../../storage/StorageError.js"
import { accountOf } from "./WhatsAppAccount.js"
import { parse, parseRecord, print, type Record } from "./WhatsAppRecord.js"

/** One process at a time speaks for a linked device: two would make each other's keys useless. */
export class WhatsAppBusy extends Schema.TaggedError<WhatsAppBusy>()("WhatsAppBusy", { home: Schema.String }) {
  override get message(): string {
    return (
      `another warelay is connected to WhatsApp with the home ${this.home}, and only one at a time can be. ` +
      "Stop it (a relay, most likely) and try again"
    )
  }
}

export type StoreError = WriteError | WhatsAppBusy

/** What is kept of a linked device: its credentials, and the keys of its conversations, which change with every message. */
export interface WhatsAppStore {
  /** The credentials as they were last kept, decoded anew each time; none if there are none. */
  readonly credentials: Effect.Effect<Option.Option<unknown>>
  /** Whether WhatsApp has logged this device out, so that the credentials are worth nothing until all is forgotten. */
  readonly ended: Effect.Effect<boolean>
  /** The keys of one kind that there are, decoded anew each time. */
  readonly keys: (kind: string, ids: ReadonlyArray<string>) => ReadonlyMap<string, unknown>
  /** All keys of one kind, in the order in which they came, decoded anew each time. */
  readonly all: (kind: string) => ReadonlyArray<unknown>
  /** Keeps a change. It has succeeded only when it would outlive a crash; those that meet are written as one. */
  readonly keep: (change: Record) => Effect.Effect<void, WriteError>
  /** Forgets everything, for good. */
  readonly clear: Effect.Effect<void, WriteError>
}

/** The file is written anew when so much was added to it, and as much as is in use. */
const slack = 1024 * 1024

/** Another process that is ending has let go of the lock within this time. */
const patience = Duration.seconds(1)

const fileIn = (directory: string) => Path.join(directory, "credentials.ndjson")

/** The state that lines make. Values stay text until they are asked for, so that nobody can change them in place. */
const empty = () => ({ credentials: Option.none<string>(), ended: false, keys: new Map<string, Map<string, string>>() })
type State = ReturnType<typeof empty>

const put = (state: State, { credentials, ended, keys = {} }: Record): void => {
  if (credentials !== undefined) state.credentials = Option.some(print(credentials))
  if (ended === true) state.ended = true
  for (const [kind, values] of Object.entries(keys)) {
    const known = state.keys.get(kind) ?? new Map<string, string>()
    state.keys.set(kind, known)
    for (const [id, value] of Object.entries(values)) {
      if (value === null || value === undefined) known.delete(id)
      else known.set(id, print(value))
    }
  }
}

const snapshot = ({ credentials, ended, keys }: State): ReadonlyArray<string> => [
  ...Option.toArray(credentials).map((text) => `{"credentials":${text}}`),
  ...(ended ? [print({ ended })] : []),
  ...Array.from(keys, ([kind, values]) =>
    Array.from(values, ([id, text]) => `{"keys":{${JSON.stringify(kind)}:{${JSON.stringify(id)}:${text}}}}`)
  ).flat()
]

const sizeOf = (lines: ReadonlyArray<string>): number => lines.reduce((size, line) => size + line.length + 1, 0)

/** A line that was cut short is open and makes no sense; one that does was written whole. */
const stateOf = (file: string, { closed, open }: Lines): Effect.Effect<State, DocumentUnreadable> =>
  Effect.suspend(() => {
    const state = empty()
    for (const [index, line] of closed.entries()) {
      const record = parseRecord(line)
      if (Option.isNone(record)) {
        const at = { line: index + 1, column: 1 }
        return new DocumentUnreadable({ file, at, reason: "this is no line that warelay has written" })
      }
      put(state, record.value)
    }
    for (const record of Option.toArray(Option.flatMap(open, parseRecord))) put(state, record)
    return Effect.succeed(state)
  })

/** Opens the store, which is this scope's alone until it closes. */
export const open: Effect.Effect<WhatsAppStore, StoreError, Home | Disk | FileLock | Scope.Scope> = Effect.gen(
  function* () {
    const { directory: home, whatsapp: directory } = yield* Home
    const disk = yield* Disk
    const file = fileIn(directory)
    const failed = ({ code, path }: DiskError) =>
      new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })

    yield* Effect.mapError(Directory.makeFor(disk, file), failed)
    const lock = yield* FileLock
    yield* Effect.catchTags(lock.hold(Path.join(directory, "lock"), patience), {
      LockHeld: () => new WhatsAppBusy({ home }),
      DiskError: (error) => failed(error)
    })

    const log = yield* LogFile.make(file)
    const lines = yield* log.all
    let state = yield* stateOf(file, lines)
    let used = sizeOf(snapshot(state))
    let added = sizeOf(lines.closed) - used

    const oneAtATime = yield* Effect.makeSemaphore(1)
    let waiting: Array<{ readonly change: Record; readonly done: Deferred.Deferred<void, WriteError> }> = []

    const rewrite = (next: State) => {
      const lines = snapshot(next)
      return Effect.map(log.replace(lines), () => {
        state = next
        used = sizeOf(lines)
        added = 0
      })
    }
    const tidy = Effect.suspend(() => rewrite(state)).pipe(
      Effect.catchAll((error) => {
        // Where there is no room for it, not every change is to be in vain for one.
        added = 0
        return Effect.logWarning(`WhatsApp's keys were not tidied up: ${error.message}`)
      }),
      Effect.when(() => added > Math.max(slack, used))
    )
    // A file that is new has to be there after a power cut, and nothing is written behind a line that was cut short.
    if (Option.isSome(lines.open) || lines.closed.length === 0) yield* rewrite(state)
    else yield* tidy

    const flush = Effect.gen(function* () {
      const batch = waiting
      waiting = []
      if (batch.length === 0) return
      const lines = batch.map(({ change }) => print(change))
      const exit = yield* Effect.exit(log.append(lines, true))
      if (Exit.isSuccess(exit)) {
        for (const { change } of batch) put(state, change)
        added += sizeOf(lines)
      }
      for (const { done } of batch) Deferred.unsafeDone(done, exit)
      yield* tidy
    }).pipe(Effect.uninterruptible)

    return {
      credentials: Effect.sync(() => Option.flatMap(state.credentials, parse)),
      ended: Effect.sync(() => state.ended),
      keys: (kind, ids) => {
        const known = state.keys.get(kind)
        return new Map(
          ids.flatMap((id) =>
            Option.toArray(Option.flatMap(Option.fromNullable(known?.get(id)), parse)).map(
              (value) => [id, value] as const
            )
          )
        )
      },
      all: (kind) => Array.from(state.keys.get(kind)?.values() ?? []).flatMap((text) => Option.toArray(parse(text))),
      keep: (change) =>
        Effect.gen(function* () {
          const done = yield* Deferred.make<void, WriteError>()
          waiting.push({ change, done })
          yield* oneAtATime.withPermits(1)(flush)
          yield* Deferred.await(done)
        }).pipe(Effect.uninterruptible),
      clear: Effect.suspend(() => rewrite(empty())).pipe(oneAtATime.withPermits(1), Effect.uninterruptible)
    }
  }
)

/** A look at what is kept, without a lock: the credentials, as long as WhatsApp has not logged us out. */
export const glance: Effect.Effect<Option.Option<unknown>, WriteError, Home | Disk> = Effect.gen(function* () {
  const file = fileIn((yield* Home).whatsapp)
  const { credentials, ended } = yield* stateOf(file, yield* (yield* LogFile.make(file)).all)
  return ended ? Option.none() : Option.flatMap(credentials, parse)
})

/** The account that this device is linked with, as a JID, seen in the same way. */
export const linked: Effect.Effect<Option.Option<string>, WriteError, Home | Disk> = Effect.map(
  glance,
  Option.flatMap(accountOf)
)

/** How often it is looked whether somebody has logged in. */
const pause = Duration.seconds(5)

/** Waits until somebody has logged in, with this process or another. */
export const newLogin: Effect.Effect<Effect.Effect<void>, never, Home | Disk> = Effect.gen(function* () {
  const disk = yield* Disk
  const context = yield* Effect.context<Home | Disk>()
  const file = fileIn((yield* Home).whatsapp)
  const isLinked = Effect.provide(
    Effect.orElseSucceed(Effect.map(linked, Option.isSome), () => false),
    context
  )
  const signature = Effect.orElseSucceed(disk.stat(file), () => Option.none<Signature>())
  const changed = (before: Option.Option<Signature>): Effect.Effect<void> =>
    Effect.gen(function* () {
      yield* Effect.sleep(pause)
      const now = yield* signature
      if (Option.getEquivalence(sameSignature)(before, now) || !(yield* isLinked)) return yield* changed(now)
    })
  return Effect.flatMap(signature, changed)
})
