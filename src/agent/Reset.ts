/** A message, and whether it asks for a new conversation. */
export interface Reset {
  readonly reset: boolean
  /** What is left to say in it; empty if that was all. */
  readonly text: string
}

/** Reads a trigger (`/new`) that is the whole message, or stands in front with a space behind it: the longest that does. */
export const readReset = (triggers: ReadonlyArray<string>, text: string): Reset => {
  const said = text.trim()
  for (const trigger of triggers.toSorted((one, other) => other.length - one.length)) {
    if (said === trigger) return { reset: true, text: "" }
    if (said.startsWith(`${trigger} `)) return { reset: true, text: said.slice(trigger.length + 1).trim() }
  }
  return { reset: false, text }
}
