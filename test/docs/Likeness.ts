import { assert } from "@effect/vitest"

const time = /^\d{4}-\d\d-|^\d{13}$/

/** What is another each time: shared ids, UUIDs, the beginning of a session's, codes and one-time words, times. */
const changing = new RegExp(
  [
    "\\bshared-[0-9a-f]{8}-[0-9a-f]{8}\\b",
    "\\bcode-[0-9a-f]{8}\\b",
    "\\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\\b",
    "\\b[A-HJ-NP-Z]{3}[2-9]{2}\\b",
    "\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b",
    "(?<=session )[0-9a-f]{8}\\b",
    "\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
    '(?<="updatedAt": )\\d{13}\\b'
  ].join("|"),
  "g"
)

const kindOf = (found: string): string =>
  time.test(found) ? "<time>" : found.startsWith("shared-") ? "<shared id>" : `<an id of ${found.length} characters>`

/**
 * Compares what a document shows with what really came. An id may be another one, but then everywhere: two that are one
 * in the document are one in reality, and the other way round.
 */
export class Likeness {
  private readonly real = new Map<string, string>()
  private readonly shown = new Map<string, string>()

  private pair(shown: string, real: string): void {
    assert.strictEqual(this.real.get(shown) ?? real, real, `${shown} should be the same id as before`)
    assert.strictEqual(this.shown.get(real) ?? shown, shown, `${real} should be another id than before`)
    this.real.set(shown, real)
    this.shown.set(real, shown)
    // A session is also known by the beginning of its UUID.
    if (shown.length === 36) this.pair(shown.slice(0, 8), real.slice(0, 8))
  }

  /** Fails unless `real` is what `shown` says. */
  compare(shown: string, real: string): void {
    assert.strictEqual(real.replace(changing, kindOf), shown.replace(changing, kindOf))
    const found = real.match(changing) ?? []
    for (const [index, id] of (shown.match(changing) ?? []).entries()) {
      if (!time.test(id)) this.pair(id, found[index] ?? "")
    }
  }

  /** The text with the ids that came in the place of those that are shown. */
  translate(text: string): string {
    return text.replace(changing, (id) => this.real.get(id) ?? id)
  }
}
