import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units = [
  ["year", Duration.toMillis("365 days")],
  ["month", Duration.toMillis("30 days")],
  ["week", Duration.toMillis("7 days")],
  ["day", Duration.toMillis("1 day")],
  ["hour", Duration.toMillis("1 hour")],
  ["minute", Duration.toMillis("1 minute")]
] as const

let words: Intl.RelativeTimeFormat | undefined

/** Made when it is asked for: it costs as much as many a whole command. */
const wording = (): Intl.RelativeTimeFormat => {
  words ??= new Intl.RelativeTimeFormat("en", { numeric: "always" })
  return words
}

/** How long ago, or in how long, in the largest unit that fits: `2 hours ago`. Both in milliseconds since 1970. */
export const relative = (then: number, now: number): string => {
  const away = then - now
  for (const [unit, length] of units) {
    if (Math.abs(away) >= length) return wording().format(Math.trunc(away / length), unit)
  }
  return "just now"
}

/** The same for a time as a mapping has it. */
export const relativeTo = (timestamp: string, now: number): string =>
  Option.match(DateTime.make(timestamp), {
    onNone: () => timestamp,
    onSome: (then) => relative(DateTime.toEpochMillis(then), now)
  })
