import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { WriteError } from "../../storage/Document.js"
import { type ChangeError, Identities } from "../Identities.js"
import type { IdentityMapping } from "../IdentityMapping.js"
import { IdentityStore } from "../IdentityStore.js"
import { LinkingSettings } from "../LinkingSettings.js"
import { Actor } from "../Recorded.js"
import * as Asking from "./Asking.js"
import { expects, waits } from "./Book.js"
import * as Confirming from "./Confirming.js"
import type { End } from "./End.js"
import type { Handshake } from "./Handshake.js"
import type { Hash } from "./Hash.js"
import * as Notices from "./Notices.js"
import type { Asked, Confirmed, Notice, Parting, Presented } from "./Outcome.js"
import * as Presenting from "./Presenting.js"
import { ProofKey } from "./ProofKey.js"
import { ProofStore } from "./ProofStore.js"
import { mappingOf } from "./Relation.js"
import { Secrets } from "./Secrets.js"

export type ProofError = ChangeError | WriteError

export class Proofs extends Context.Tag("warelay/identity/proof/Proofs")<
  Proofs,
  {
    /** What is kept of a code or a word that somebody has sent, so that the message need not be. */
    readonly hash: ProofKey["Type"]["hash"]
    /** Gives an account a code, in the place of the one that it had. `message` names what asks, once. */
    readonly ask: (asker: End, message: string) => Effect.Effect<Asked, ProofError>
    /** Takes a code from an account. Who is first has it; where the two may not be linked, it stays good. */
    readonly present: (joiner: End, code: Hash, message: string) => Effect.Effect<Presented, ProofError>
    /** Takes a word from an account. When the second of the two has sent its own, they are linked, and not before. */
    readonly confirm: (end: End, word: Hash, share: boolean, message: string) => Effect.Effect<Confirmed, ProofError>
    /** Gives an account the word with which it leaves its mapping. */
    readonly part: (end: End) => Effect.Effect<Parting, ProofError>
    /** The mapping that an account belongs to, under any of its names. */
    readonly belongs: (end: End) => Effect.Effect<Option.Option<IdentityMapping>, ProofError>
    /** Whether a word of this account would mean anything now. */
    readonly expects: (end: End) => Effect.Effect<boolean, ProofError>
    /** Who is to be told something, the earliest first. */
    readonly due: Effect.Effect<ReadonlyArray<Notice>, ProofError>
    /** The word for a notice that has one, in the place of the one before; none if that is over. */
    readonly word: (id: string) => Effect.Effect<Option.Option<string>, ProofError>
    /** The notice was delivered; whatever there is to be told since is still due. */
    readonly told: (notice: Pick<Notice, "_tag" | "id">) => Effect.Effect<void, ProofError>
    /** A code that an operator passes on: for somebody to join this account, or to begin a new mapping. */
    readonly invite: (
      asker: Option.Option<End>,
      name: Option.Option<string>
    ) => Effect.Effect<{ readonly id: string; readonly code: string; readonly until: number }, ProofError>
    /** All that waits for somebody, the earliest first. */
    readonly pending: Effect.Effect<ReadonlyArray<Handshake>, ProofError>
    /** Ends what a code has begun; false if there is nothing under that id. */
    readonly revoke: (id: string) => Effect.Effect<boolean, ProofError>
  }
>() {}

type Needs = Identities | IdentityStore | ProofKey | ProofStore | Secrets

export const layer: Layer.Layer<Proofs, never, Needs> = Layer.effect(
  Proofs,
  Effect.gen(function* () {
    const parts = {
      identities: yield* Identities,
      map: Effect.map((yield* IdentityStore).readable, ({ value }) => value),
      limits: (yield* LinkingSettings).limits,
      key: yield* ProofKey,
      store: yield* ProofStore,
      secrets: yield* Secrets
    }
    const { book, change } = parts.store
    const confirming = Confirming.make(parts)
    const asChat = Effect.provideService(Actor, "chat")
    return {
      hash: parts.key.hash,
      ...Asking.make(parts),
      present: Presenting.make(parts),
      confirm: (end, word, share, message) => asChat(confirming.confirm(end, word, share, message)),
      part: confirming.part,
      belongs: (end) => Effect.map(parts.map, (map) => mappingOf(map, end)),
      expects: (end) => Effect.map(book, (now) => expects(now, end)),
      ...Notices.make(parts),
      pending: Effect.map(book, ({ handshakes }) => handshakes.filter(waits)),
      revoke: (id) =>
        change((now) => {
          const handshakes = now.handshakes.filter((one) => one.id !== id || !waits(one))
          return handshakes.length === now.handshakes.length ? [false, now] : [true, { ...now, handshakes }]
        })
    }
  })
)
