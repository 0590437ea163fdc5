import { below, type Page } from "../Help.js"

const heading = (text: string): string => `\u001b[1m${text}\u001b[0m`

/** What stands in front is ours, and as wide as it has characters: what finds out how wide others' texts are is not loaded. */
const section = (
  title: string,
  rows: ReadonlyArray<readonly [first: string, second?: string]>
): ReadonlyArray<string> => {
  if (rows.length === 0) return []
  const width = Math.max(...rows.map(([first]) => first.length))
  const lines = rows.map(([first, second]) => (second === undefined ? first : `${first.padEnd(width)}  ${second}`))
  return ["", heading(title), ...lines.map((line) => `  ${line}`)]
}

/** The page as it is shown, with the commands that are under it. */
export const render = (page: Page, pages: ReadonlyArray<Page>): string => {
  const { example, parts, usage } = page.contents()
  return [
    page.description(),
    ...section("Usage", [[usage]]),
    ...section(
      "Commands",
      below(page, pages).map(({ description, words }) => [words.join(" "), description()] as const)
    ),
    ...section("Options", [...parts, ["--help", "Show this page"]]),
    ...section("Example", [[example]])
  ].join("\n")
}
