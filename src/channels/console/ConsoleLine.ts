import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import { acceptedForm, type Identity, parse } from "../../identity/Identity.js"
import { type Provider, providers } from "../../identity/Provider.js"

/** What somebody who writes on the console means by a line. */
export type ConsoleLine = Data.TaggedEnum<{
  Blank: {}
  /** A message of this account. */
  Spoken: { readonly identity: Identity; readonly text: string }
  /** A text that does not say whose it is. */
  Unaddressed: { readonly text: string }
  /** A line that names a provider and then nobody, or says nothing. `reason` is a sentence. */
  Refused: { readonly reason: string }
}>

export const ConsoleLine = Data.taggedEnum<ConsoleLine>()

/** The form of a line, for those who do not know it yet. */
export const example = "whatsapp:+1234567890 Hello"

const longest = 80

/** What was typed, short enough for a sentence and harmless on a terminal. */
export const quoted = (typed: string): string =>
  `"${printable(typed.length > longest ? `${typed.slice(0, longest)}…` : typed)}"`

const prefixOf = (word: string): Option.Option<Provider> =>
  Option.fromNullable(providers.find((provider) => word.startsWith(`${provider}:`)))

/** `provider:id`, one space, and the text. */
export const readLine = (line: string): ConsoleLine => {
  if (line.trim() === "") return ConsoleLine.Blank()
  const space = line.indexOf(" ")
  const word = space === -1 ? line : line.slice(0, space)
  const text = space === -1 ? "" : line.slice(space + 1)
  return Option.match(prefixOf(word), {
    onNone: () => ConsoleLine.Unaddressed({ text: line }),
    onSome: (provider) =>
      Option.match(parse(provider, word.slice(provider.length + 1)), {
        onNone: () =>
          ConsoleLine.Refused({
            reason: `${quoted(word)} names nobody: after ${provider}: comes ${acceptedForm[provider]}`
          }),
        onSome: (identity) =>
          text.trim() === ""
            ? ConsoleLine.Refused({ reason: `${quoted(word)} says nothing: after one space comes the text` })
            : ConsoleLine.Spoken({ identity, text })
      })
  })
}
