import { renderUnicodeCompact } from "uqr"

/**
 * A QR code for a terminal, two rows to a line. The blocks are its light parts, so on a light terminal it would be a
 * negative, which not every phone reads: where there is colour, it says itself what is light and what is dark.
 */
export const qr = (text: string, colour: boolean): string => {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n")
  return (colour ? lines.map((line) => `\u001b[40;97m${line}\u001b[0m`) : lines).join("\n")
}
