/** The services on which people have accounts, in the order in which they are written and shown. */
export const providers = ["whatsapp", "telegram", "twilio"] as const

export type Provider = (typeof providers)[number]
