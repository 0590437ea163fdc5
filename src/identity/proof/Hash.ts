import * as Schema from "effect/Schema"
import { createHmac, timingSafeEqual } from "node:crypto"

/** What is kept of a secret: HMAC-SHA-256 (RFC 2104) under the key of the home, in hex. */
export const Hash = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/), Schema.brand("Hash"))
export type Hash = typeof Hash.Type

const hash = Schema.decodeSync(Hash)

/** A code and a word of the same characters have different hashes. */
export const hashOf = (key: Uint8Array, purpose: "code" | "word", secret: string): Hash =>
  hash(createHmac("sha256", key).update(`${purpose}:${secret}`).digest("hex"))

/** Takes the same time whatever they have in common. */
export const isSame = (one: Hash, other: Hash): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other))
