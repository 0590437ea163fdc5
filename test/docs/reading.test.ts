import { existsSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { blocks, documents, inLanguage, placeOf } from "./markdown.js"

/** Examples that no test runs, by their first line, each with the reason. */
const notRun: Record<string, string> = {
  "npm ci && npm run demo": "installs; test/demo runs the demo",
  "npm ci && npm test": "installs, and runs these tests",
  "npm ci && npm run build && npm install -g .": "installs into the system",
  'warelay agent --to telegram:123456789 --message "Hello, can you hear me?"': "asks Claude, which needs a login",
  "export TELEGRAM_BOT_TOKEN=123456789:your-bot-token": "needs a Telegram bot",
  "export TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef": "needs a Twilio account",
  "chmod 600 ~/.config/warelay.env": "installs a service",
  'launchctl bootstrap "gui/$(id -u)" ~/Library/LaunchAgents/warelay.plist': "installs a service",
  'warelay send --to telegram:123456789 --message "Dinner at eight"': "needs a Telegram bot",
  "systemctl --user stop warelay": "needs the service",
  "WARELAY_HOME=/srv/family warelay relay": "needs a provider",
  "warelay login": "needs a phone with WhatsApp",
  "warelay login --phone +15551234567": "needs a phone with WhatsApp",
  "warelay relay --providers whatsapp": "needs a WhatsApp account",
  'warelay identity link --telegram 123456789 --twilio +1234567890 --name "John"': "goes with the accounts above it"
}

/** What runs the blocks of each language; `text` is a drawing. */
const languages = ["console", "ini", "json", "json5", "sh", "text", "ts", "xml"]

describe("examples", () => {
  it("are in a language of which each block is run or named here", () => {
    assert.deepStrictEqual(
      blocks.filter(({ language }) => !languages.includes(language)).map((block) => placeOf(block)),
      []
    )
  })

  it("that no test runs are these and no others", () => {
    const firstLines = inLanguage("sh").map(({ text }) => text.split("\n")[0] ?? "")
    assert.deepStrictEqual(Array.from(new Set(firstLines)).sort(), Object.keys(notRun).sort())
  })
})

const headingsOf = (document: string): ReadonlyArray<string> =>
  Array.from(readFileSync(document, "utf8").matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  )

const links = documents.flatMap((document) =>
  Array.from(
    readFileSync(document, "utf8").matchAll(/\]\((?!https:)([^)#]*)#?([^)]*)\)/g),
    ([, path = "", part = ""]) => ({
      document,
      target: path === "" ? document : normalize(join(dirname(document), path)),
      part
    })
  )
)

describe("links", () => {
  it.each(links)("from $document to $target, $part", ({ part, target }) => {
    assert.isTrue(existsSync(target))
    if (part !== "") assert.include(headingsOf(target), part)
  })
})

/** Names of files in the source that a document mentions, as `src/room/File.ts` or `room/File.ts`. */
const mentioned = documents.flatMap((document) =>
  Array.from(
    readFileSync(document, "utf8").matchAll(/`((?:src|test|[a-z]+)\/[\w/.-]+\.(?:ts|mjs|cjs))`/g),
    ([, path = ""]) => ({
      document,
      path
    })
  )
)

describe("files", () => {
  it.each(mentioned)("$path, mentioned in $document, exists", ({ path }) => {
    assert.isTrue(existsSync(path) || existsSync(join("src", path)))
  })
})
