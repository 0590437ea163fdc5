import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

interface Unfinished {
  readonly text: string
  /** The line has become too long; what is left of it is dropped. */
  readonly overlong: boolean
}

const start: Unfinished = { text: "", overlong: false }

/**
 * The lines of a text that arrives in pieces, without their ends (`\n` or `\r\n`); what follows the last end is a line
 * too, unless it is empty. A line of more than `limit` UTF-16 code units is none, and is never held in memory.
 */
export const boundedLines =
  (limit: number) =>
  <E, R>(pieces: Stream.Stream<string, E, R>): Stream.Stream<Option.Option<string>, E, R> => {
    const grown = (line: Unfinished, piece: string): Unfinished => {
      const text = line.overlong ? "" : line.text + piece
      // One more for a \r that may turn out to be part of the end.
      return line.overlong || text.length > limit + 1 ? { text: "", overlong: true } : { text, overlong: false }
    }
    const finished = (line: Unfinished): Option.Option<string> => {
      const text = line.text.endsWith("\r") ? line.text.slice(0, -1) : line.text
      return line.overlong || text.length > limit ? Option.none() : Option.some(text)
    }
    const ended = Option.none<string>()
    return pieces.pipe(
      Stream.map(Option.some),
      Stream.concat(Stream.succeed(ended)),
      Stream.mapAccum(start, (line, piece): readonly [Unfinished, ReadonlyArray<Option.Option<string>>] => {
        if (Option.isNone(piece)) return [start, line.overlong || line.text !== "" ? [finished(line)] : []]
        const parts = piece.value.split("\n")
        const rest = parts.pop() ?? ""
        if (parts.length === 0) return [grown(line, rest), []]
        const [first = "", ...others] = parts
        const lines = [finished(grown(line, first)), ...others.map((part) => finished(grown(start, part)))]
        return [grown(start, rest), lines]
      }),
      Stream.mapConcat((lines) => lines)
    )
  }
