import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Identity } from "../identity/Identity.js"
import type { Codec } from "../storage/Document.js"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import { Stranger } from "./Stranger.js"

/** Different strangers, the latest last. */
export type StrangerList = ReadonlyArray<Stranger>

/** So many are remembered. */
const capacity = 1_000

const nameOf = ({ channel, who }: Stranger): string => `${channel} ${who}`

/** A list after these have come, who may be in it already. */
export const after = (list: StrangerList, came: StrangerList): StrangerList => {
  const all = new Map(list.map((stranger) => [nameOf(stranger), stranger]))
  for (const stranger of came) {
    const name = nameOf(stranger)
    const before = all.get(name)
    // Taken out first, so that it becomes the latest.
    all.delete(name)
    all.set(name, { ...stranger, times: stranger.times + (before?.times ?? 0) })
  }
  return Array.from(all.values()).slice(-capacity)
}

/** What is left without these accounts, however their usernames are spelt. */
export const without = (list: StrangerList, identities: ReadonlyArray<Identity>): StrangerList => {
  const gone = new Set(identities.map((identity) => identity.toString().toLowerCase()))
  return list.filter(({ channel, who }) => {
    const name = who.toLowerCase()
    return !gone.has(name) && !gone.has(`${channel}:${name}`)
  })
}

/** What is left without those who were there before and are not any more. */
export const withoutGone = (list: StrangerList, before: StrangerList, now: StrangerList): StrangerList => {
  const there = new Set(now.map(nameOf))
  const gone = new Set(before.map(nameOf).filter((name) => !there.has(name)))
  return list.filter((stranger) => !gone.has(nameOf(stranger)))
}

const List = Schema.Array(Stranger).annotations({ identifier: "a list" })
const decodeList = Schema.decodeUnknownEither(List)
const encodeList = Schema.encodeSync(List)

/** The list as the text of `turned-away.json`. */
export const codec: Codec<StrangerList> = {
  empty: [],
  decode: (text) =>
    Either.flatMap(JsonText.parse(text), (value) =>
      Either.mapLeft(decodeList(value), (error) => mismatch(text, error))
    ),
  encode: (list) => JsonText.print(encodeList(list))
}
