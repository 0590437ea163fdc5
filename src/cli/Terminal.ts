import type { Writable } from "node:stream"
import type { Process } from "../config/Process.js"

/** Whether a person looks at what is written here, rather than a program. */
export const isTerminal = (stream: Writable): boolean => "isTTY" in stream && stream.isTTY === true

/** Whether that person sees pictures made of characters. */
export const canDraw = ({ environment }: Process["Type"], stream: Writable): boolean =>
  isTerminal(stream) && environment["TERM"] !== "dumb"

/** The same for colours, which some do not want (no-color.org). */
export const canColour = (process: Process["Type"], stream: Writable): boolean =>
  canDraw(process, stream) && (process.environment["NO_COLOR"] ?? "") === ""
