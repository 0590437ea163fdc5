import * as Effect from "effect/Effect"

/** Says of each name whether it is new among the last so many different ones, and remembers it. */
export const make = (capacity: number): Effect.Effect<(name: string) => Effect.Effect<boolean>> =>
  Effect.sync(() => {
    // A set keeps the order in which names were added, so the first is the oldest.
    const names = new Set<string>()
    return (name) =>
      Effect.sync(() => {
        if (names.has(name)) return false
        names.add(name)
        for (const oldest of names) {
          if (names.size <= capacity) break
          names.delete(oldest)
        }
        return true
      })
  })
