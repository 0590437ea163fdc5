import * as Schema from "effect/Schema"
import { createHmac, timingSafeEqual } from "node:crypto"
import { Hash } from "./Hash.js"

const hash = Schema.decodeSync(Hash)

/** A code and a word of the same characters have different hashes. */
export const hashOf = (key: Uint8Array, purpose: "code" | "word", secret: string): Hash =>
  hash(createHmac("sha256", key).update(`${purpose}:${secret}`).digest("hex"))

/** Takes the same time whatever they have in common. */
export const isSame = (one: Hash, other: Hash): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other))
