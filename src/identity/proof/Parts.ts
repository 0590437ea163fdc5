import * as Effect from "effect/Effect"
import type { ConfigInvalid } from "../../config/ConfigFile.js"
import type { Identities } from "../Identities.js"
import type { IdentityMapUnreadable } from "../IdentityError.js"
import type { IdentityMap } from "../IdentityMap.js"
import type { Limits } from "../LinkingSettings.js"
import type { FileBusy, StorageFailed } from "../../storage/StorageError.js"
import { includes } from "../plan/Draft.js"
import type { End } from "./End.js"
import type { ProofKey } from "./ProofKey.js"
import type { ProofStore } from "./ProofStore.js"
import type { Secrets } from "./Secrets.js"

/** What the steps of a handshake are made with. */
export interface Parts {
  readonly identities: Identities["Type"]
  readonly map: Effect.Effect<IdentityMap, IdentityMapUnreadable | StorageFailed | FileBusy>
  readonly limits: Effect.Effect<Limits, ConfigInvalid>
  readonly key: ProofKey["Type"]
  readonly store: ProofStore["Type"]
  readonly secrets: Secrets["Type"]
}

/** Whether an account may not be linked, under whichever of its names that is said. */
export const isExcluded = ({ limits }: Parts, { names }: End) =>
  Effect.map(limits, ({ neverLink }) => names.some((name) => includes(neverLink, name)))

/** A code or a word with what is kept of it. */
export const minted = ({ key, secrets }: Parts, purpose: "code" | "word") =>
  Effect.gen(function* () {
    const secret = yield* secrets[purpose]
    return { secret, hash: yield* key.hash(purpose, secret) }
  })
