import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { type AuthenticationCreds, initAuthCreds, proto, type SignalKeyStore } from "@whiskeysockets/baileys"
import type { Record } from "./WhatsAppRecord.js"
import type { WhatsAppStore } from "./WhatsAppStore.js"

const isCredentials = (value: unknown): value is AuthenticationCreds =>
  ["noiseKey", "signedIdentityKey", "signedPreKey", "advSecretKey", "registrationId"].every((field) =>
    Predicate.hasProperty(value, field)
  )

/** What is kept, or, if there is nothing that could be used, that of a device that is not linked yet. */
export const credentialsIn = (store: WhatsAppStore): Effect.Effect<AuthenticationCreds> =>
  Effect.map(store.credentials, (kept) => Option.getOrElse(Option.filter(kept, isCredentials), initAuthCreds))

/** What was kept of these has lost the methods that Baileys expects of them. */
const revived = (kind: string, value: unknown): unknown =>
  kind === "app-state-sync-key" && Predicate.isRecord(value)
    ? proto.Message.AppStateSyncKeyData.fromObject(value)
    : value

/** The keys as Baileys wants to have them. `keep` settles only when a change would outlive a crash. */
export const keysIn = (store: WhatsAppStore, keep: (change: Record) => Promise<void>): SignalKeyStore => ({
  get: (kind, ids) => {
    const found = store.keys(kind, ids)
    const keys = Object.create(null)
    for (const [id, value] of found) keys[id] = revived(kind, value)
    return keys
  },
  set: (data) => keep({ keys: Object.fromEntries(Object.entries(data)) })
})
