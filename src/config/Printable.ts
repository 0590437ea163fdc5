/**
 * What a terminal does not show but obeys, or shows as something else than what is there: control characters (C0, DEL,
 * C1), bidirectional and other format characters, everything that is invisible by definition (zero-width characters,
 * fillers, tags), line and paragraph separators, and halves of surrogate pairs. The two variation selectors of emoji
 * (U+FE0E, U+FE0F) are let through: they choose between two pictures of one character.
 */
const deceptive = () => /(?![\u{fe0e}\u{fe0f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** The same, with line feeds and tabs let through. */
const deceptiveInLines = () =>
  /(?![\n\t\u{fe0e}\u{fe0f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Most texts hold none of these, and to make the classes of Unicode above takes milliseconds. */
const unusual = /[^ -~]/
const unusualInLines = /[^\t\n -~]/

const escaped = (character: string): string => {
  switch (character) {
    case "\n":
      return "\\n"
    case "\r":
      return "\\r"
    case "\t":
      return "\\t"
    default:
      return `\\u{${character.codePointAt(0)?.toString(16)}}`
  }
}

/** Somebody else's text as one line that is safe on a terminal: `\u{1b}[2J` instead of a cleared screen. */
export const printable = (text: string): string => (unusual.test(text) ? text.replace(deceptive(), escaped) : text)

/** The same for a text of several lines, which stay lines. `\r\n` counts as a line break. */
export const printableLines = (text: string): string => {
  const lines = text.replaceAll("\r\n", "\n")
  return unusualInLines.test(lines) ? lines.replace(deceptiveInLines(), escaped) : lines
}

/** JSON with the same characters as escapes of JSON's own, so that it is safe on a terminal and its values are intact. */
export const printableJson = (json: string): string =>
  unusualInLines.test(json)
    ? json.replace(deceptiveInLines(), (character) =>
        character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      )
    : json
