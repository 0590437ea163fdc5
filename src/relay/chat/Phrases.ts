// What the texts of the relay have in common.
import type { Identity } from "../../identity/Identity.js"
import type { End } from "../../identity/proof/End.js"
import type { ChatSettings } from "./ChatSettings.js"
import { veiled } from "./Veiled.js"

/** What is said behind a word by whoever lets the other see what was said before. */
export const share = "share"

/** What a text is written with. Times in milliseconds since 1970. */
export interface Setting {
  readonly commands: ChatSettings
  readonly now: number
  /** The account that is spoken to. */
  readonly to: End
  /** Where people find us. */
  readonly places: ReadonlyArray<string>
}

export const minutes = (until: number, now: number): string => {
  // A code is made some milliseconds later than its answer is begun.
  const count = Math.max(1, Math.ceil((until - now - 1_000) / 60_000))
  return count === 1 ? "1 minute" : `${count} minutes`
}

export const name = (command: string | false, otherwise: string): string => (command === false ? otherwise : command)

/** How to confirm, and with how much of what was said before. */
export const howTo = (word: string, until: number, choice: boolean, { now }: Setting): string =>
  [
    choice
      ? `To link them, answer ${word} within ${minutes(until, now)}; what was said in this chat before then stays yours alone. ` +
        `Or answer ${word} ${share}, and the other side sees that, too.`
      : `To link them, answer ${word} within ${minutes(until, now)}.`,
    "If you did not ask for this, do not answer: then nothing happens."
  ].join("\n")

/** From what two accounts go on, as one of them is told: its own history, the other's, both or none. */
export const whose = (own: boolean, other: boolean, them: Identity): string => {
  if (own && other) return "It goes on from whichever of your earlier conversations was used last."
  if (own) return "It goes on from what was said in this chat before."
  return other ? `It goes on from what ${veiled(them)} said before.` : "Nothing that was said before is shared."
}

export const undo = ({ commands }: Pick<Setting, "commands">, what = "undo it"): string =>
  `To ${what}: ${name(commands.unlink, "ask whoever runs this relay")}.`
