import type { Process } from "../config/Process.js"

type End = keyof Process["Type"]["terminals"]

/** Whether somebody there sees pictures made of characters. */
export const canDraw = ({ environment, terminals }: Process["Type"], end: End): boolean =>
  terminals[end] && environment["TERM"] !== "dumb"

/** The same for colours, which some do not want (no-color.org). */
export const canColour = (process: Process["Type"], end: End): boolean =>
  canDraw(process, end) && (process.environment["NO_COLOR"] ?? "") === ""
