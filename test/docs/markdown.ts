import { readdirSync, readFileSync } from "node:fs"

/** What is written for people to read. */
export const documents = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)].sort()

/** An example in a document. */
export interface Block {
  readonly document: string
  /** The heading that it stands under. */
  readonly heading: string
  /** The line on which its fence opens, from 1. */
  readonly line: number
  readonly language: string
  /** What the fence says behind the language. */
  readonly label: string
  readonly text: string
}

const fence = /^```(\S*) ?(.*)$/

/** All fenced blocks of a document. */
const blocksIn = (document: string): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let heading = ""
  let open: (Omit<Block, "text"> & { readonly lines: Array<string> }) | undefined
  for (const [index, line] of readFileSync(document, "utf8").split("\n").entries()) {
    const [, language = "", label = ""] = fence.exec(line) ?? []
    if (open !== undefined && line === "```") {
      const { lines, ...block } = open
      found.push({ ...block, text: lines.join("\n") })
      open = undefined
    } else if (open !== undefined) open.lines.push(line)
    else if (line.startsWith("```")) open = { document, heading, line: index + 1, language, label, lines: [] }
    else if (line.startsWith("#")) heading = line.replace(/^#+ /, "")
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: this block has no end`)
  return found
}

export const blocks: ReadonlyArray<Block> = documents.flatMap(blocksIn)

export const inLanguage = (language: string): ReadonlyArray<Block> =>
  blocks.filter((block) => block.language === language)

/** Where a block stands, as an editor finds it. */
export const placeOf = ({ document, line }: Block): string => `${document}:${line}`
