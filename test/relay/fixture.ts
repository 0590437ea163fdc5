import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Agent } from "../../src/agent/Agent.js"
import type { AgentError } from "../../src/agent/AgentError.js"
import { spokenIn } from "../../src/agent/Prompt.js"
import * as SessionLock from "../../src/agent/SessionLock.js"
import * as Turns from "../../src/agent/Turns.js"
import { type Channel, Channels } from "../../src/channels/Channel.js"
import * as Identities from "../../src/identity/Identities.js"
import { type Identity, parse } from "../../src/identity/Identity.js"
import * as IdentityStore from "../../src/identity/IdentityStore.js"
import { Decision } from "../../src/identity/Decision.js"
import * as ProofKey from "../../src/identity/proof/ProofKey.js"
import * as Proofs from "../../src/identity/proof/Proofs.js"
import * as ProofStore from "../../src/identity/proof/ProofStore.js"
import * as Secrets from "../../src/identity/proof/Secrets.js"
import { providers } from "../../src/identity/Provider.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as Inbox from "../../src/relay/Inbox.js"
import * as Mailboxes from "../../src/relay/Mailboxes.js"
import * as Relay from "../../src/relay/Relay.js"
import { RelaySettings, relayFields } from "../../src/relay/RelaySettings.js"
import * as Report from "../../src/relay/Report.js"
import * as Strangers from "../../src/relay/Strangers.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import * as SessionIds from "../../src/session/SessionIds.js"
import * as SessionKey from "../../src/session/SessionKey.js"
import * as SessionNormalizer from "../../src/session/SessionNormalizer.js"
import { type Scope, SessionSettings } from "../../src/session/SessionSettings.js"
import * as SessionStore from "../../src/session/SessionStore.js"
import * as Sessions from "../../src/session/Sessions.js"
import type { SessionId } from "../../src/session/SessionId.js"
import type { Start } from "../../src/session/Start.js"

const Settings = Schema.Struct(relayFields)
export type SettingsEncoded = typeof Settings.Encoded
export const settingsOf = Schema.decodeSync(Settings)

const identity = (text: string): Identity => {
  const provider = providers.find((name) => text.startsWith(`${name}:`)) ?? "whatsapp"
  return Option.getOrThrow(parse(provider, text.slice(provider.length + 1)))
}

/** Everything below the relay's own parts, without a disk. */
export const below = (scope: Scope = "per-sender") =>
  Layer.mergeAll(SessionLock.layerMemory, Sessions.layer, Proofs.layer).pipe(
    Layer.provideMerge(Identities.layer),
    Layer.provide(Layer.mergeAll(ProofStore.layerMemory, ProofKey.layerMemory, Secrets.layerTest)),
    Layer.provideMerge(SessionKey.layer),
    Layer.provideMerge(SessionNormalizer.layer),
    Layer.provideMerge(
      Layer.mergeAll(
        ProviderDetector.layer,
        IdentityStore.layerMemory,
        SharedIds.layerTest,
        SessionStore.layerMemory,
        SessionIds.layerTest
      )
    ),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.succeed(SessionSettings, { scope, idleMinutes: 60 }),
        Layer.succeed(Turns.TurnSettings, { resetTriggers: ["/new"] })
      )
    )
  )

/** The relay with these channels and settings; the agent is still to be given. */
export const relayOf = (
  channels: ReadonlyArray<Channel>,
  settings: SettingsEncoded,
  inbox: Layer.Layer<Inbox.Inbox> = Inbox.layerMemory,
  scope?: Scope
) =>
  Relay.layer.pipe(
    Layer.provideMerge(
      Layer.mergeAll(Mailboxes.layerMemory, inbox, Layer.provide(Report.layer, Strangers.layerMemory), Turns.layer)
    ),
    Layer.provideMerge(below(scope)),
    Layer.provideMerge(
      Layer.mergeAll(Layer.succeed(Channels, channels), Layer.succeed(RelaySettings, settingsOf(settings)))
    )
  )

/** Waits until nothing goes on any more that does not wait for time to pass. */
export const settled = TestClock.adjust(Duration.zero)

/** Lets the time pass until the next attempt; answers how long that was, in milliseconds. */
export const nextAttempt = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const next = Chunk.unsafeHead(yield* TestClock.sleeps())
  yield* TestClock.setTime(next)
  yield* settled
  return next - now
})

export const link = (...identities: ReadonlyArray<string>) =>
  Effect.flatMap(Identities.Identities, ({ change }) =>
    Effect.map(
      change(Decision.Link({ identities: identities.map(identity) })),
      ({ mapping }) => Option.getOrThrow(mapping).id
    )
  )

export const unlink = (id: string) =>
  Effect.flatMap(Identities.Identities, ({ change }) => change(Decision.Unlink({ id })))

export interface Heard {
  readonly text: string
  readonly speaker: string
  readonly session: SessionId
  readonly start: Start["_tag"]
}

/** An agent whose turns the test ends. */
export interface TestAgent {
  readonly layer: Layer.Layer<Agent>
  /** The next turn that has begun and was not yet taken from here. */
  readonly nextHeard: Effect.Effect<Heard>
  /** Everything that was heard so far. */
  readonly heard: ReadonlyArray<Heard>
  /** Ends the turn of this text with `answer to <text>`. */
  readonly release: (text: string) => Effect.Effect<void>
  readonly fail: (text: string, error: AgentError) => Effect.Effect<void>
  readonly die: (text: string, defect: unknown) => Effect.Effect<void>
  readonly seen: { running: number; most: number; interrupted: number }
}

/** Texts that begin with `wait` are answered when the test says so, all others at once. */
export const testAgent: Effect.Effect<TestAgent> = Effect.gen(function* () {
  const begun = yield* Queue.unbounded<Heard>()
  const heard: Array<Heard> = []
  const gates = new Map<string, Deferred.Deferred<void, AgentError>>()
  const seen = { running: 0, most: 0, interrupted: 0 }
  const gate = (text: string) => {
    const made = gates.get(text) ?? Deferred.unsafeMake<void, AgentError>(FiberId.none)
    gates.set(text, made)
    return made
  }
  const answer = (start: Start, prompt: string) =>
    Effect.gen(function* () {
      const { speaker, text } = spokenIn(prompt)
      const one = { text, speaker: Option.getOrElse(speaker, () => ""), session: start.id, start: start._tag }
      heard.push(one)
      seen.running += 1
      seen.most = Math.max(seen.most, seen.running)
      yield* Queue.offer(begun, one)
      if (text.startsWith("wait")) yield* Deferred.await(gate(text))
      return { text: `answer to ${text}`, session: start.id }
    }).pipe(
      Effect.onInterrupt(() => Effect.sync(() => void (seen.interrupted += 1))),
      Effect.ensuring(Effect.sync(() => void (seen.running -= 1)))
    )
  return {
    layer: Layer.succeed(Agent, { answer, canFork: true }),
    nextHeard: Queue.take(begun),
    heard,
    release: (text) => Deferred.succeed(gate(text), undefined),
    fail: (text, error) => Deferred.fail(gate(text), error),
    die: (text, defect) => Deferred.die(gate(text), defect),
    seen
  }
})
