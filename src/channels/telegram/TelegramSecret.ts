import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import * as Redacted from "effect/Redacted"

/**
 * What Telegram shows with every call, so that it is known by it: nobody who lacks the bot's token can make it, and the
 * token cannot be had from it. It is the same at every start, so that no call is refused in between.
 */
export const secretOf = (token: Redacted.Redacted): Redacted.Redacted =>
  Redacted.make(createHmac("sha256", Redacted.value(token)).update("warelay: calls of the webhook").digest("hex"))

const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest()

/** Whether this is the secret. It takes as long for one that is nearly right as for one that is not. */
export const isSecret = (shown: string | undefined, secret: Redacted.Redacted): boolean =>
  shown !== undefined && timingSafeEqual(digest(shown), digest(Redacted.value(secret)))
