import { below, type Page } from "../Help.js"
import { columns } from "./columns.js"

const heading = (text: string): string => `\u001b[1m${text}\u001b[0m`

const section = (title: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : ["", heading(title), ...columns(rows.map(([first = "", ...rest]) => [`  ${first}`, ...rest]))]

/** The page as it is shown, with the commands that are under it. */
export const render = (page: Page, pages: ReadonlyArray<Page>): string => {
  const { description, example, parts, usage } = page.contents()
  return [
    description,
    ...section("Usage", [[usage]]),
    ...section(
      "Commands",
      below(page, pages).map(({ contents, words }) => [words.join(" "), contents().description])
    ),
    ...section("Options", [...parts, ["--help", "Show this page"]]),
    ...section("Example", [[example]])
  ].join("\n")
}
