import * as Option from "effect/Option"
import { type Identity, parse } from "./Identity.js"

/** A country in which one mobile number is written with a digit more or less, and both are in use. */
interface Custom {
  readonly country: string
  /** The digit that the longer spelling has behind the head. */
  readonly digit: string
  /** Head and rest of each spelling. They differ in length, so no number has both. */
  readonly long: RegExp
  readonly short: RegExp
}

const custom = (country: string, head: string, digit: string, rest: string): Custom => ({
  country,
  digit,
  long: new RegExp(`^(\\+${head})${digit}(${rest})$`),
  short: new RegExp(`^(\\+${head})(${rest})$`)
})

/**
 * Brazil put a 9 in front of its mobile numbers from 2012 to 2016 (Anatel, resolution 553/2010). Those of eight digits began
 * with 6, 8 or 9; a number that began with 7 may have been a radio's, which got none, and 2 to 5 are landlines. Mexico gave up
 * the 1 in front of mobile numbers in 2019, Argentina writes a 9 there for calls and leaves it out for text messages; in
 * both, landlines and mobiles share one set of ten-digit numbers, so whoever has one has it in either spelling.
 */
const customs: ReadonlyArray<readonly [prefix: string, Custom]> = [
  ["+55", custom("Brazil", "55(?:[14689][1-9]|2[12478]|3[1-578]|5[13-5]|7[13-579])", "9", "[689][0-9]{7}")],
  ["+52", custom("Mexico", "52", "1", "(?![3589]00|888)[2-9][0-9]{9}")],
  ["+54", custom("Argentina", "54", "9", "11[2-9][0-9]{7}|[23][0-9]{9}")]
]

export interface Spelling {
  readonly country: string
  readonly phone: string
}

/** The other way to write a mobile number, of which the first is the other way again. None where there is but one. */
export const otherSpelling = (phone: string): Option.Option<Spelling> => {
  const found = customs.find(([prefix]) => phone.startsWith(prefix))
  if (found === undefined) return Option.none()
  const [, { country, digit, long, short }] = found
  const [, longHead, longRest] = long.exec(phone) ?? []
  if (longHead !== undefined && longRest !== undefined) return Option.some({ country, phone: longHead + longRest })
  const [, head, rest] = short.exec(phone) ?? []
  return head === undefined || rest === undefined ? Option.none() : Option.some({ country, phone: head + digit + rest })
}

/** Whether an account is known by its phone number. */
export const isPhone = ({ id }: Identity): boolean => id.startsWith("+")

/** The account at the same provider whose number is this one's other spelling. */
export const respelt = (identity: Identity): Option.Option<{ readonly country: string; readonly identity: Identity }> =>
  Option.flatMap(otherSpelling(identity.id), ({ country, phone }) =>
    Option.map(parse(identity.provider, phone), (identity) => ({ country, identity }))
  )

/** Equal for two phone numbers if and only if they are spellings of one: the shorter of them. */
export const lineOf = (phone: string): string =>
  Option.match(otherSpelling(phone), {
    onNone: () => phone,
    onSome: (other) => (other.phone.length < phone.length ? other.phone : phone)
  })
