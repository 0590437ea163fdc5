import type { EventEmitter } from "node:events"

/** A listener, and what became of what it does. */
export type Listener = (...args: ReadonlyArray<unknown>) => Promise<unknown>

/**
 * Puts others in place of all listeners of an emitter. What an asynchronous listener rejects with would otherwise end
 * the process; and nobody waits for one, so that what comes later can overtake.
 */
export const rearranged = (
  emitter: EventEmitter,
  arrange: (event: string | symbol, listener: Listener) => (...args: ReadonlyArray<unknown>) => void
): void => {
  for (const event of emitter.eventNames()) {
    const originals = emitter.listeners(event)
    emitter.removeAllListeners(event)
    for (const original of originals) {
      // Called at once: some of what is listened for is over in the next moment.
      const listener: Listener = (...args) => new Promise((resolve) => resolve(Reflect.apply(original, emitter, args)))
      emitter.on(event, arrange(event, listener))
    }
  }
}

/** One call after another, each when what the one before it does is done. */
export const inOrder = (listener: Listener, failed: (error: unknown) => void) => {
  let last: Promise<unknown> = Promise.resolve()
  return (...args: ReadonlyArray<unknown>): void => {
    last = last.then(() => listener(...args)).catch(failed)
  }
}
