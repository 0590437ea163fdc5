import stringWidth from "string-width"

const gap = "  "

/** The text, filled up to a number of terminal cells. */
const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)))

/** Rows of cells as lines, each column as wide as its widest cell in the terminal; the last is not filled up. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows.reduce<ReadonlyArray<number>>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, stringWidth(cell))),
    []
  )
  return rows.map((row) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : padded(cell, widths[index] ?? 0))).join(gap)
  )
}
