import * as Schema from "effect/Schema"

/** The services on which people have accounts, in the order in which they are written and shown. */
export const providers = ["whatsapp", "telegram", "twilio"] as const

export const Provider = Schema.Literal(...providers)
export type Provider = typeof Provider.Type
