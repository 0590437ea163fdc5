import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import type { Identity } from "../../identity/Identity.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { Likeness, type Suggestion } from "../../identity/Suggestion.js"
import * as Json from "./json.js"
import { linkLine } from "./linkLine.js"

const placed = (identity: Identity, mapping: Option.Option<IdentityMapping>): string =>
  Option.match(mapping, {
    onNone: () => `${identity} (not linked)`,
    onSome: ({ id, name }) => `${identity} (in ${id}${name === undefined ? "" : ` "${printable(name)}"`})`
  })

const because = ({ likeness, pair: [one, other] }: Suggestion): string =>
  Likeness.$match(likeness, {
    SamePhone: () => "one phone number at two providers",
    Respelt: ({ country }) =>
      `two spellings of one mobile number in ${country}${one.provider === other.provider ? "" : ", at two providers"}`
  })

const neverLine = ({ pair }: Suggestion): string => `warelay identity never ${pair.join(" ")}`

const lines = (suggestion: Suggestion): ReadonlyArray<string> => {
  const [one, other] = suggestion.pair
  const [first, second] = suggestion.mappings
  return [
    `${placed(one, first)} and ${placed(other, second)}: ${because(suggestion)}`,
    `  link them:       ${linkLine(suggestion.decision)}`,
    `  never ask again: ${neverLine(suggestion)}`
  ]
}

/** What is suggested, each with the command that does it and the one that silences it. */
export const text = (suggestions: ReadonlyArray<Suggestion>): string => suggestions.flatMap(lines).join("\n")

/** The same for programs. */
export const json = (suggestions: ReadonlyArray<Suggestion>): string =>
  Json.json(
    suggestions.map((suggestion) => ({
      identities: suggestion.pair.map(String),
      mappings: suggestion.mappings.map((mapping) => Option.getOrNull(Option.map(mapping, ({ id }) => id))),
      likeness: Likeness.$match(suggestion.likeness, {
        SamePhone: () => "same-phone",
        Respelt: () => "other-spelling"
      }),
      because: because(suggestion),
      link: linkLine(suggestion.decision),
      never: neverLine(suggestion)
    }))
  )
