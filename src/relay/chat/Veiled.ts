import { type Identity, isUsername } from "../../identity/Identity.js"
import type { Provider } from "../../identity/Provider.js"

/** Providers as people write them. */
export const labels: Record<Provider, string> = { whatsapp: "WhatsApp", telegram: "Telegram", twilio: "Twilio" }

/** Enough of an account for those who know it, and for nobody else: `WhatsApp …7890`, `Telegram @j…`. */
export const veiled = (identity: Identity): string => {
  const { id, provider } = identity
  if (isUsername(identity)) return `${labels[provider]} ${id.slice(0, 2)}…`
  const [name = ""] = id.split("@")
  return `${labels[provider]} …${name.slice(-Math.min(4, Math.floor(name.length / 2)))}`
}

/** The same of several, the last behind an "and". */
export const veiledAll = (identities: ReadonlyArray<Identity>): string => {
  const all = identities.map(veiled)
  const [last = ""] = all.slice(-1)
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} and ${last}`
}
