const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Where a part ends and where the next one begins; between them is the break, which is in neither. */
interface Cut {
  readonly end: number
  readonly next: number
}

/** The last line break that leaves a part of at most `limit` in front of it. */
const atLineBreak = (text: string, start: number, limit: number): Cut | undefined => {
  for (let end = start + limit; end >= start; end--) {
    if (text[end] === "\r" && text[end + 1] === "\n") return { end, next: end + 2 }
    if (text[end] === "\n" && (end === start || text[end - 1] !== "\r")) return { end, next: end + 1 }
  }
  return undefined
}

/** The last space, else the last place between two graphemes, else between two code points. */
const betweenWords = (text: string, start: number, limit: number): Cut => {
  // What two units further on is decides whether there is a boundary at the limit; nothing beyond that does.
  const window = text.slice(start, start + limit + 2)
  const segments = graphemes.segment(window)
  for (let space = limit; space >= 0; space--) {
    // A space with an accent on it is no place to cut.
    if (window[space] === " " && segments.containing(space)?.segment === " ") {
      return { end: start + space, next: start + space + 1 }
    }
  }
  const boundary = segments.containing(limit)?.index ?? 0
  if (boundary > 0) return { end: start + boundary, next: start + boundary }
  const end = start + limit
  const inPair = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 1, end + 1))
  const whole = inPair ? end - 1 : end
  return { end: whole, next: whole }
}

/**
 * The text in parts of at most `limit` (2 or more) UTF-16 code units, cut at a line break, else at a space, else between
 * two graphemes. The line break or space at a cut is left out, and so is a part in which nothing can be seen, since no
 * provider delivers one. Takes time in proportion to the text.
 */
export const chunks = (text: string, limit: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let start = 0
  while (text.length - start > limit) {
    const { end, next } = atLineBreak(text, start, limit) ?? betweenWords(text, start, limit)
    parts.push(text.slice(start, end))
    start = next
  }
  parts.push(text.slice(start))
  return parts.filter((part) => part.trim() !== "")
}
