import * as Schema from "effect/Schema"

/** What is kept of a secret: HMAC-SHA-256 (RFC 2104) under the key of the home, in hex. */
export const Hash = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/), Schema.brand("Hash"))
export type Hash = typeof Hash.Type
