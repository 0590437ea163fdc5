import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Identities from "../../src/identity/Identities.js"
import type { Identity } from "../../src/identity/Identity.js"
import * as IdentityStore from "../../src/identity/IdentityStore.js"
import { Decision } from "../../src/identity/Decision.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import * as SessionKey from "../../src/session/SessionKey.js"
import * as SessionNormalizer from "../../src/session/SessionNormalizer.js"
import { linkedId, phone, scopedId, userNumber, username } from "../identity/arbitrary.js"

/** From a sender to a key, over whichever identity store is under it. */
export const keys = SessionKey.layer.pipe(
  Layer.provideMerge(SessionNormalizer.layer),
  Layer.provideMerge(ProviderDetector.layer)
)

/** An empty map in memory, and everything that routes by it. Ids are `shared-00000000-00000001` and so on. */
export const layer = Layer.merge(Identities.layer, keys).pipe(
  Layer.provideMerge(IdentityStore.layerMemory),
  Layer.provide(SharedIds.layerTest)
)

export const link = (...identities: ReadonlyArray<Identity>) =>
  Effect.flatMap(Identities.Identities, ({ change }) =>
    Effect.map(change(Decision.Link({ identities })), ({ mapping }): string => Option.getOrThrow(mapping).id)
  )

export const unlink = (id: string) =>
  Effect.flatMap(Identities.Identities, ({ change }) => change(Decision.Unlink({ id })))

/** The key of a sender who is named, by a transport that says so much of him. */
export const keyOf = (From: string, rest: SenderContext = {}) =>
  Effect.flatMap(SessionKey.SessionKey, ({ derive }) => derive("per-sender", { From, ...rest }))

export const normalized = (provider: "whatsapp" | "telegram" | "twilio", id: string) =>
  Effect.flatMap(SessionNormalizer.SessionNormalizer, ({ normalize }) => normalize(provider, id))

const known = FastCheck.oneof(phone, linkedId, scopedId, username, userNumber)

const prefix = FastCheck.constantFrom(
  "",
  "whatsapp:",
  "telegram:",
  "twilio:",
  "sms:",
  "unknown:",
  "group:",
  "global:",
  "@",
  "+",
  "-",
  " ",
  "WhatsApp:",
  "tel:"
)

const suffix = FastCheck.constantFrom(
  "",
  "@s.whatsapp.net",
  "@lid",
  "@g.us",
  "@c.us",
  ":3",
  ":3@lid",
  " ",
  "\n",
  "\u0000",
  "\u200b",
  "@",
  "0"
)

const words = FastCheck.constantFrom(
  "",
  " ",
  "\t\n",
  "global",
  "unknown",
  "unknown:",
  "group:",
  "constructor",
  "__proto__",
  "toString",
  "shared-abc-123",
  "shared-00000000-00000001",
  "whatsapp:",
  "@",
  "+",
  "hello",
  "1234567890",
  "١٢٣٤٥٦٧٨٩٠",
  "+١٢٣٤٥٦٧٨٩٠",
  "+１２３４５６７８９０",
  "＠john",
  "@jоhn",
  "-1001234567890",
  "+1 (234) 567-890"
)

/** Anything that may stand where a sender's name is expected: forms, near misses, and what has nothing to do with it. */
export const wild: FastCheck.Arbitrary<string> = FastCheck.oneof(
  known,
  words,
  FastCheck.tuple(prefix, FastCheck.oneof(known, words, FastCheck.string()), suffix).map((parts) => parts.join("")),
  FastCheck.tuple(prefix, prefix, known).map((parts) => parts.join("")),
  FastCheck.string({ unit: "binary" })
)
