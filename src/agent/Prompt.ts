import * as Option from "effect/Option"
import { masked } from "../config/Masked.js"
import type { Provider } from "../identity/Provider.js"

export interface Spoken {
  readonly provider: Provider
  /** The name that the operator gave this sender, never one that the sender chose. */
  readonly name: Option.Option<string>
  /** The sender's account as its transport names it, with or without the provider in front. */
  readonly account: string
  readonly text: string
  /** What came with the text and is not passed on. */
  readonly attached?: string | undefined
}

/** Providers as people write them. */
const providerLabels: Record<Provider, string> = { whatsapp: "WhatsApp", telegram: "Telegram", twilio: "Twilio" }

/** Everything that somebody, or some program, may take for the end of a line. */
const lineBreak = /(\r\n|[\n\v\f\r\u001c-\u001e\u0085\u2028\u2029])/

/** Characters that read as an opening square bracket. */
const opening = "\\[［⁅⟦⟬〚〔【〖❲⦋⦍⦏⦗﹇﹝︹︻⌈⌊⎡⎢⎣「『｢"

/**
 * A line that could pass for one of ours: whatever cannot be seen, a bracket, and behind it anything but digits and
 * punctuation (a line such as `[1, 2]` is code and stays as it is).
 */
const looksLikeSpeaker = new RegExp(`^[\\p{C}\\p{Z}\\p{M}\\s]*[${opening}].*[^\\x00-@[-\`{-\\x7f]`, "u")

const longestName = 60

/** A name in one piece: nothing in it that is not seen, ends the line, or closes the bracket around it. */
const plainName = (name: string): string =>
  Array.from(
    name
      .replace(/[\p{Ps}\p{Pe}]/gu, " ")
      .replace(/[\p{C}\p{Z}\s]+/gu, " ")
      .replace(/·/g, "-")
      .trim()
  )
    .slice(0, longestName)
    .join("")
    .trim()

const withoutProvider = (account: string): string => account.replace(/^(?:whatsapp|telegram|twilio|sms):/i, "")

/** Who speaks, for the first line: the given name, else the account with no more than four digits of its number. */
export const speakerOf = ({ name, account }: Pick<Spoken, "name" | "account">): string =>
  Option.map(name, plainName).pipe(
    Option.filter((name) => name !== ""),
    Option.getOrElse(() => plainName(masked(withoutProvider(account))) || "unknown")
  )

/**
 * What Claude is told: a line that says who speaks and from where, `[WhatsApp · Mom]`, and under it the message. A line of
 * the message that could pass for such a line has a backslash in front, so that the first line is the only one. What came
 * with the message is named between the two.
 */
export const prompt = (spoken: Spoken): string => {
  const text = spoken.text
    .split(lineBreak)
    .map((line) => (looksLikeSpeaker.test(line) ? `\\${line}` : line))
    .join("")
  const note = spoken.attached === undefined ? "" : `(Sent with ${spoken.attached}. Only text is passed on here.)\n`
  return `[${providerLabels[spoken.provider]} · ${speakerOf(spoken)}]\n${note}${text}`
}

/** The two parts of what `prompt` made; of any other text, no speaker and all of the text. */
export const spokenIn = (prompt: string): { readonly speaker: Option.Option<string>; readonly text: string } => {
  const found = /^\[([^\n[\]]* · [^\n[\]]*)\]\n/.exec(prompt)
  return { speaker: Option.fromNullable(found?.[1]), text: prompt.slice(found?.[0].length ?? 0) }
}
