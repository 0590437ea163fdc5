import type { Handshake } from "../../identity/proof/Handshake.js"
import { columns } from "./columns.js"
import * as Json from "./json.js"
import { relative } from "./time.js"

const asker = ({ asker }: Handshake): string => asker?.account.toString() ?? "whoever sends it first"

const step = (handshake: Handshake): string => {
  const { step } = handshake
  switch (step._tag) {
    case "Open":
      return "nobody has sent the code"
    case "Claimed":
      return `${step.joiner.account} is asked to confirm`
    case "Accepted":
      return `${step.joiner.account} has confirmed, ${asker(handshake)} is asked`
    case "Agreed":
      return `${step.joiner.account} and ${asker(handshake)} have confirmed, but could not be linked yet`
    case "Settled":
      return `${step.joiner.account} is told how it ended`
  }
}

/** A line for each under a line of titles. `now` in milliseconds since 1970. */
export const text = (all: ReadonlyArray<Handshake>, now: number): string =>
  columns([
    ["CODE", "BY", "FOR", "STEP", "ENDS"],
    ...all.map((one) => [one.id, one.by, asker(one), step(one), relative(one.until, now)])
  ]).join("\n")

/** The same for programs, without what is kept of codes and words. Times in milliseconds since 1970. */
export const json = (all: ReadonlyArray<Handshake>): string =>
  Json.json(
    all.map(({ asker, begun, by, id, name, step, until }) => ({
      id,
      by,
      ...(asker === undefined ? {} : { for: asker.account.toString() }),
      ...(name === undefined ? {} : { name }),
      step: step._tag.toLowerCase(),
      ...(step._tag === "Open" ? {} : { joiner: step.joiner.account.toString() }),
      begun,
      until
    }))
  )
