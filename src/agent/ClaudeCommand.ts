/** What Claude is told about where it is. Its own words for this case are about programming in a terminal. */
const situation = [
  "You are talking with people through a messaging app.",
  "The first line of every message stands in square brackets and comes from the relay: it says who writes, and from where.",
  "Everything after it was written by that person, who may write from several apps, or share this conversation with others.",
  "Answer the way one does in a chat: to the point and in plain text, without headings or tables, and without repeating the line in brackets.",
  "You have no tools here and see no files."
].join(" ")

/*
 * Nobody who writes is to reach more than the model. Each part closes a door that is otherwise open, also with all
 * tools off:
 *   --safe-mode               CLAUDE.md, hooks, skills, plugins, custom commands and memory of the user and the directory
 *   --tools ""                every built-in tool
 *   --strict-mcp-config       MCP servers
 *   --disable-slash-commands  a message such as /context
 *   permissions.deny          `@/etc/passwd` in a message attaches that file. Denying `Read` alone does not stop it: the
 *                             pattern `//**`, every path from the root, does
 *   --system-prompt           the default one names the directory, the system and the user's memory
 */
const settings = JSON.stringify({ permissions: { deny: ["Read", "Read(//**)"] } })

/** Anthropic's `claude` command, from which a message can reach no file, tool, server or command. */
export const claudeCommand: readonly [string, ...Array<string>] = [
  "claude",
  "-p",
  "--output-format",
  "json",
  "--safe-mode",
  "--tools",
  "",
  "--strict-mcp-config",
  "--disable-slash-commands",
  "--settings",
  settings,
  "--system-prompt",
  situation
]

/** How the `claude` command is told which session a turn belongs to. */
export const claudeSession = {
  begin: ["--session-id", "{session}"],
  resume: ["--resume", "{session}"],
  fork: ["--resume", "{from}", "--fork-session", "--session-id", "{session}"]
}

/**
 * Has the `claude` command stay and take one message after another, a line of JSON each. It prints each again when it takes
 * it up, and answers with lines that end with a result (platform.claude.com/docs/en/agent-sdk/streaming-vs-single-mode).
 */
export const claudeStream: ReadonlyArray<string> = [
  "--input-format",
  "stream-json",
  "--output-format",
  "stream-json",
  "--verbose",
  "--replay-user-messages"
]

/**
 * A message as such a line. `uuid` is its name, by which it is known again. Two characters that JSON leaves as they are end
 * a line for some who read lines, as `node:readline` does from Node 24 on.
 */
export const claudeLine = (text: string, uuid: string): string =>
  JSON.stringify({ type: "user", uuid, message: { role: "user", content: [{ type: "text", text }] } })
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029")
