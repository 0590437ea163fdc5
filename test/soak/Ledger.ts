import * as Arr from "effect/Array"
import type { App, Place } from "./cast.js"

/** How the agent answers. */
export type Manner = "well" | "slowly" | "badly" | "never"

/** A message of which its provider was told that it was taken. */
export interface Accepted {
  readonly place: Place
  readonly id: string
  readonly manner: Manner
}

/** Something that was sent to a place, and when: in milliseconds. */
export interface Heard {
  readonly place: string
  readonly text: string
  readonly at: number
}

/** A turn that the agent was asked for, by which process. */
export interface Turn {
  readonly by: string
  readonly session: string
  readonly person: string
  readonly id: string
  readonly app: App
}

export interface Books {
  /** In the order of writing. At one place no two in a row are answered with an apology. */
  readonly accepted: ReadonlyArray<Accepted>
  /** In the order of arrival. */
  readonly heard: ReadonlyArray<Heard>
  readonly turns: ReadonlyArray<Turn>
  /** When the relay was killed, in milliseconds. */
  readonly kills: ReadonlyArray<number>
}

/** What must not be, whatever happened. */
type Wrong = "lost" | "sent twice" | "out of order" | "to another place" | "crossed" | "unexpected" | "asked twice"

export interface Settled {
  readonly accepted: number
  readonly answered: number
  readonly apologies: number
  /** The sender was killed within `unsure` afterwards: it may not have come to note that the provider had taken it. */
  readonly "sent again after a kill": number
  /** Conversations in which somebody wrote from several apps. */
  readonly shared: number
  readonly wrong: ReadonlyArray<{ readonly what: Wrong; readonly detail: string }>
}

/** So long before a kill an answer may have been sent of which there was no note yet, in milliseconds. */
const unsure = 1_000

interface Expected extends Accepted {
  first?: number
}

const answer = /^(p\d+) (m\d+) heard(.*)$/

const several = <A>(all: ReadonlyArray<A>, of: (one: A) => string): boolean => new Set(all.map(of)).size > 1

/** Adds up what came back for what was accepted. */
export const settle = ({ accepted, heard, kills, turns }: Books): Settled => {
  const wrong: Array<Settled["wrong"][number]> = []
  const counts = { answered: 0, apologies: 0, again: 0 }
  const places = Arr.groupBy(
    accepted.map((one): Expected => ({ ...one })),
    ({ place }) => place.name
  )

  const take = (one: Expected, { at, text }: Heard, count: "answered" | "apologies") => {
    const { first } = one
    one.first = at
    if (first === undefined) counts[count] += 1
    else if (kills.some((kill) => first > kill - unsure && at > kill)) counts.again += 1
    else wrong.push({ what: "sent twice", detail: `${one.place.name} ${text}` })
  }

  for (const one of heard) {
    const expected = places[one.place] ?? []
    const [, person, id, others = ""] = answer.exec(one.text) ?? []
    const latest = expected.findLastIndex(({ first }) => first !== undefined)
    const detail = `${one.place} ${one.text}`
    if (id === undefined) {
      const sorry = [expected[latest + 1], expected[latest]].find(
        (it) => it?.manner === "badly" || it?.manner === "never"
      )
      if (sorry !== undefined) take(sorry, one, "apologies")
      else wrong.push({ what: "unexpected", detail })
      continue
    }
    const found = expected.findIndex((it) => it.id === id)
    const it = expected[found]
    if (it === undefined || it.place.person !== person) wrong.push({ what: "to another place", detail })
    else {
      if (others !== "") wrong.push({ what: "crossed", detail })
      if (it.first === undefined && found < latest) wrong.push({ what: "out of order", detail })
      take(it, one, "answered")
    }
  }

  for (const { first, id, manner, place } of Object.values(places).flat()) {
    if (first === undefined) wrong.push({ what: "lost", detail: `${place.name} ${place.person} ${id} ${manner}` })
  }
  const sessions = Object.entries(Arr.groupBy(turns, ({ session }) => session))
  for (const [session, turns] of sessions) {
    if (several(turns, ({ person }) => person)) wrong.push({ what: "crossed", detail: session })
  }
  // One process asks once for each message. Another one may have been killed before it had the answer.
  for (const [asked, { length }] of Object.entries(Arr.groupBy(turns, ({ by, id }) => `${id} by ${by}`))) {
    if (length > 1) wrong.push({ what: "asked twice", detail: asked })
  }
  return {
    accepted: accepted.length,
    answered: counts.answered,
    apologies: counts.apologies,
    "sent again after a kill": counts.again,
    shared: sessions.filter(([, turns]) => several(turns, ({ app }) => app)).length,
    wrong
  }
}
