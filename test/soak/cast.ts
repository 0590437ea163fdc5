import type { Account } from "../support/whatsapp-person.js"

export const apps = ["telegram", "twilio", "whatsapp"] as const
export type App = (typeof apps)[number]

/** Where somebody writes from, and is answered. */
export interface Place {
  readonly person: string
  readonly app: App
  /** What tells this place from all others. */
  readonly name: string
  /** The account's number, as all three count: a phone number without its plus, or a Telegram account. */
  readonly number: number
}

const placeOf = (person: number, app: App): Place => {
  const number = (app === "telegram" ? 500_000_000 : app === "twilio" ? 15_550_200_000 : 4_915_550_000_000) + person
  return { person: `p${person}`, app, name: `${app}:${app === "telegram" ? "" : "+"}${number}`, number }
}

/** What some have, by turns: one app, two or all of them. Who has several has linked them. */
const kinds: ReadonlyArray<ReadonlyArray<App>> = [
  ["telegram"],
  ["telegram", "twilio"],
  ["twilio"],
  apps,
  ["whatsapp"],
  ["telegram"]
]

export interface Cast {
  readonly places: ReadonlyArray<Place>
  /** The text of the identity map. */
  readonly map: string
  readonly allowFrom: ReadonlyArray<string>
}

/** So many people, as far as they have one of these apps. */
export const cast = (people: number, among: ReadonlyArray<App>): Cast => {
  const all = Array.from({ length: people }, (_, person) =>
    (kinds[person % kinds.length] ?? []).filter((app) => among.includes(app)).map((app) => placeOf(person, app))
  )
  const at = "2024-01-01T00:00:00Z"
  const mappings = all
    .filter((places) => places.length > 1)
    .map((places) => {
      const identities = Object.fromEntries(
        places.map(({ app, number }) => [app, app === "telegram" ? `${number}` : `+${number}`])
      )
      return { id: `of-${places[0]?.person}`, identities, createdAt: at, updatedAt: at }
    })
  const places = all.flat()
  return {
    places,
    map: JSON.stringify({ version: 1, mappings: Object.fromEntries(mappings.map((one) => [one.id, one])) }),
    allowFrom: places.map(({ name }) => name)
  }
}

/** The account on WhatsApp, whose LID nobody but WhatsApp knows. */
export const accountOf = ({ number }: Place): Account => ({ phone: `${number}`, lid: `${90_000_000_000_000 + number}` })
