// Measures a relay with its home on the disk, between a channel and an agent that cost nothing: first how long one message
// takes from receipt to delivery when nothing else is to be done, then how long each takes when all come at once; and, for as
// many bytes as the relay has written down of each in its inbox, an append that is synced. Prints JSON, in milliseconds.
//
// Its arguments: a directory to work in; how many people write, by turns; how many messages come one by one, and how many at
// once; how many sessions are on record before.
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Agent } from "../../src/agent/Agent.js"
import * as SessionLockFile from "../../src/agent/SessionLockFile.js"
import * as Turns from "../../src/agent/Turns.js"
import { type Accept, type Channel, Channels } from "../../src/channels/Channel.js"
import { Address, Message } from "../../src/channels/Message.js"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import * as IdentityStoreFile from "../../src/identity/IdentityStoreFile.js"
import * as ProofKey from "../../src/identity/proof/ProofKey.js"
import * as Proofs from "../../src/identity/proof/Proofs.js"
import * as ProofStore from "../../src/identity/proof/ProofStore.js"
import * as Secrets from "../../src/identity/proof/Secrets.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as InboxFile from "../../src/relay/InboxFile.js"
import * as Mailboxes from "../../src/relay/Mailboxes.js"
import * as Relay from "../../src/relay/Relay.js"
import { RelaySettings } from "../../src/relay/RelaySettings.js"
import * as Report from "../../src/relay/Report.js"
import * as Strangers from "../../src/relay/Strangers.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import * as SessionIds from "../../src/session/SessionIds.js"
import * as SessionKey from "../../src/session/SessionKey.js"
import * as SessionNormalizer from "../../src/session/SessionNormalizer.js"
import { SessionSettings } from "../../src/session/SessionSettings.js"
import { layerFile } from "../../src/session/SessionStoreFile.js"
import * as Sessions from "../../src/session/Sessions.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { settingsOf } from "../relay/fixture.js"
import { spreadOf } from "./spread.mjs"

const [directory = "", ...counts] = process.argv.slice(2)
const [people = 1, single = 1, together = 1, sessions = 0] = counts.map(Number)
const messages = single + together
const home = Path.join(directory, "home")

const from = (person: number) => `telegram:${500_000_000 + person}`

const agent = Layer.succeed(Agent, {
  answer: (start, prompt) => Effect.succeed({ text: prompt, session: start.id }),
  canFork: true
})

const measured = Effect.gen(function* () {
  const began: Array<number> = []
  const latencies: Array<number> = []
  const delivered = yield* Queue.unbounded<void>()
  const receive = (accept: Accept, n: number) =>
    Effect.suspend(() => {
      began[n] = performance.now()
      const sender = { From: from(n % people), provider: "telegram", chatType: "direct" } as const
      const address = Address.make(`${n}`)
      const text = "What shall we have for dinner tonight?"
      const message = new Message({ channel: "telegram", id: `m${n}`, sender, author: from(n % people), address, text })
      return Effect.orDie(accept(message))
    })
  const channel: Channel = {
    name: "telegram",
    limit: 4096,
    run: (accept) =>
      Effect.gen(function* () {
        for (let n = 0; n < single; n++) yield* Effect.zipRight(receive(accept, n), Queue.take(delivered))
        // A provider hands over one after another.
        for (let n = single; n < messages; n++) yield* receive(accept, n)
      }),
    send: (to) =>
      Effect.suspend(() => {
        latencies.push(performance.now() - (began[Number(to)] ?? 0))
        return Effect.asVoid(Queue.offer(delivered, undefined))
      }),
    typing: () => Effect.void,
    addressOf: () => Option.none()
  }
  const settings = settingsOf({
    allowFrom: Array.from({ length: people }, (_, person) => from(person)),
    maxWaiting: messages
  })
  const below = Layer.mergeAll(
    SessionLockFile.layerFile({ patience: Duration.minutes(1), isRelay: true }),
    Sessions.layer,
    Proofs.layer
  ).pipe(
    Layer.provideMerge(Identities.layer),
    Layer.provide(Layer.mergeAll(ProofStore.layerMemory, ProofKey.layerMemory, Secrets.layer)),
    Layer.provideMerge(SessionKey.layer),
    Layer.provideMerge(SessionNormalizer.layer),
    Layer.provideMerge(Layer.mergeAll(ProviderDetector.layer, IdentityStoreFile.layerFile, SharedIds.layer)),
    Layer.provideMerge(Layer.mergeAll(layerFile, SessionIds.layer)),
    Layer.provideMerge(Layer.succeed(SessionSettings, { scope: "per-sender", idleMinutes: 60 })),
    Layer.provideMerge(Layer.succeed(Turns.TurnSettings, { resetTriggers: ["/new"] }))
  )
  const relay = Relay.layer.pipe(
    Layer.provideMerge(Layer.provide(Report.layer, Strangers.layerMemory)),
    Layer.provideMerge(Layer.mergeAll(Mailboxes.layerMemory, InboxFile.layerFile, Turns.layer)),
    Layer.provideMerge(below),
    Layer.provide(agent),
    Layer.provide(Layer.mergeAll(Layer.succeed(Channels, [channel]), Layer.succeed(RelaySettings, settings))),
    Layer.provide(FileLock.layer),
    Layer.provide(Layer.mergeAll(NodeDisk.layer, Home.layerAt(home)))
  )
  yield* Effect.flatMap(Relay.Relay, ({ run }) => run(Effect.never)).pipe(Effect.provide(relay))
  return { each: (performance.now() - (began[single] ?? 0)) / together, latencies: latencies.slice(0, single) }
})

/** As many bytes as the relay has written down of each message, synced once for each. */
const bare = () => {
  const bytes = Buffer.alloc(Math.ceil(Fs.statSync(Path.join(home, "inbox.ndjson")).size / messages), "x")
  const file = Fs.openSync(Path.join(directory, "bare"), "a", 0o600)
  const begin = performance.now()
  for (let n = 0; n < messages; n++) {
    Fs.writeSync(file, bytes)
    Fs.fsyncSync(file)
  }
  Fs.closeSync(file)
  return (performance.now() - begin) / messages
}

if (sessions > 0) {
  const known = Array.from({ length: sessions }, (_, n) => [
    from(1_000_000 + n),
    { sessionId: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`, updatedAt: Date.now() }
  ])
  Fs.mkdirSync(home, { recursive: true, mode: 0o700 })
  Fs.writeFileSync(Path.join(home, "sessions.json"), JSON.stringify(Object.fromEntries(known), null, 2), {
    mode: 0o600
  })
}

void Effect.runPromise(measured).then(({ each, latencies }) => {
  const sorted = [...latencies].sort((one, other) => one - other)
  const latency = { ...spreadOf(latencies), most: sorted[Math.floor(sorted.length * 0.99)] }
  globalThis.gc?.()
  console.log(JSON.stringify({ latency, each, bare: bare(), megabytes: process.memoryUsage().rss / 2 ** 20 }))
})
