import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Usage from "@effect/cli/Usage"
import { spanText, textOf } from "./Text.js"

/** A command, and what `--help` says of it, made out only if somebody asks. */
export interface Page {
  /** The words after `warelay` that name the command. */
  readonly words: ReadonlyArray<string>
  /** Whether it does nothing itself and only leads to others. */
  readonly leadsOn: boolean
  /** What it is for. A page with others under it shows that of each, and nothing else of them. */
  readonly description: () => string
  readonly contents: () => Contents
}

export interface Contents {
  /** How it is typed, from the first word on. */
  readonly usage: string
  /** Its options and arguments, each with what it is for. */
  readonly parts: ReadonlyArray<readonly [part: string, meaning: string]>
  readonly example: string
}

/** What the library says of every option by its type; our own descriptions say more. */
const generic =
  /^(A user-defined piece of text|A true or false value|This (option|setting|argument) (may|is|must) .*)\.$/

/** The paragraphs of a description that are about this option and no other. */
const meaning = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isSequence(doc)) return [...meaning(doc.left), ...meaning(doc.right)]
  const text = textOf(doc, " ")
  return text === "" || generic.test(text) ? [] : [text]
}

const partsOf = (doc: HelpDoc.HelpDoc): Contents["parts"] => {
  if (HelpDoc.isSequence(doc)) return [...partsOf(doc.left), ...partsOf(doc.right)]
  if (!HelpDoc.isDescriptionList(doc)) return []
  return doc.definitions.map(([part, about]) => [spanText(part), meaning(about).join(" ")] as const)
}

const descriptionOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isSequence(doc)) return [...descriptionOf(doc.left), ...descriptionOf(doc.right)]
  return HelpDoc.isParagraph(doc) ? [textOf(doc, " ")] : []
}

/** Letter case counts, so that `--JSON` is refused instead of ignored; what is built in stands on our own pages. */
export const config = CliConfig.make({ isCaseSensitive: true, finalCheckBuiltIn: false, showBuiltIns: false })

/** The page of a command that does something. */
export const page = <Name extends string, R, E, A>(
  words: ReadonlyArray<string>,
  command: Command.Command<Name, R, E, A>,
  example: string
): Page => ({
  words,
  leadsOn: false,
  description: () => descriptionOf(Command.getHelp(command, config)).join(" "),
  contents: () => {
    const help = Command.getHelp(command, config)
    const [usage] = Usage.enumerate(Command.getUsage(command), config)
    const parents = ["warelay", ...words.slice(0, -1)].join(" ")
    return {
      // An option that may be repeated may also be left out.
      usage: `${parents} ${usage === undefined ? "" : spanText(usage)}`.replace(/(--\S+ \S+)\.\.\./g, "[$1]..."),
      parts: partsOf(help).map(([part, about]) => [part.replace(/\.\.\.$/, ""), about] as const),
      example
    }
  }
})

/** The page of a command that only leads to others. */
export const group = (
  words: ReadonlyArray<string>,
  description: string,
  parts: Contents["parts"],
  example: string
): Page => ({
  words,
  leadsOn: true,
  description: () => description,
  contents: () => ({ usage: ["warelay", ...words, "<command>"].join(" "), parts, example })
})

/** The pages of the commands that are under one. */
export const below = (page: Page, pages: ReadonlyArray<Page>): ReadonlyArray<Page> =>
  pages.filter(
    ({ words }) => words.length > page.words.length && page.words.every((word, index) => words[index] === word)
  )
