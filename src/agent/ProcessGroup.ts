import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** How many milliseconds a process may take to end after it was asked to. Then it is killed. */
const grace = 2_000
/** How many milliseconds the system may take to end what was killed. */
const graceOfSystem = 500

/** Sends a signal to a whole group; false if nobody was there (or nobody whom we may signal). */
const signal = (group: number, name: NodeJS.Signals | 0): Effect.Effect<boolean> =>
  Effect.try(() => process.kill(-group, name)).pipe(Effect.orElseSucceed(() => false))

/**
 * Waits until the group is empty, this many milliseconds at most, and says whether somebody is left. Counted, because the
 * release of a resource cannot be timed out; bounded, because the dead stay in the group until their parent looks, and not
 * every first process does.
 */
const isLeft = (group: number, milliseconds: number) =>
  signal(group, 0).pipe(
    Effect.repeat({ while: (there) => there, times: milliseconds / 10, schedule: Schedule.spaced("10 millis") }),
    Effect.zipRight(signal(group, 0))
  )

/** Ends every process of the group and returns when there is none any more. */
export const endGroup = (group: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!(yield* signal(group, "SIGTERM"))) return
    // Once it is empty, its number may become another's.
    if (!(yield* isLeft(group, grace))) return
    if (!(yield* signal(group, "SIGKILL"))) return
    yield* isLeft(group, graceOfSystem)
  })
