import { masked } from "../config/Masked.js"
import { printable } from "../config/Printable.js"
import type { Message } from "../channels/Message.js"

/** A text for the log: one line, and no number of more than four digits. */
export const logLine = (text: string): string => printable(masked(text))

/** The author of a message: enough to know who it is for those who know. */
export const who = ({ author, channel }: Message): string =>
  logLine(author.startsWith(`${channel}:`) ? author : `${channel}, ${author}`)

/**
 * What to log of a defect. Its own message is left out, because a bug may put anything into it, and with that a
 * message or a number; where it came about is what finds it.
 */
export const bug = (defect: unknown): string =>
  defect instanceof Error
    ? logLine(
        [defect.name, ...(defect.stack ?? "").split("\n").filter((line) => /^ +at /.test(line))].slice(0, 6).join(" ")
      )
    : typeof defect
