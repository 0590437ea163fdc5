import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { codeBehind, codeIn } from "../../identity/proof/CodeForm.js"
import type { ChatSettings } from "./ChatSettings.js"

/** What somebody wants done by the relay itself. */
export type Command = Data.TaggedEnum<{
  /** A code to be sent from another account. */
  Link: {}
  /** A code was sent; none, if what stands behind the command is no code. */
  Send: { readonly code: Option.Option<string> }
  Unlink: {}
  Whoami: {}
  Help: {}
}>

export const Command = Data.taggedEnum<Command>()

/** Telegram's own, for those who come by a link: `t.me/<bot>?start=ABCD-2345` sends this in front of the code. */
const start = "/start"

/** The command that a text is. A code alone is one; words that only begin with a command are none, but for that of codes. */
export const readCommand = (settings: ChatSettings, text: string): Option.Option<Command> => {
  if (!settings.enabled) return Option.none()
  const said = text.trim()
  // Between the two may be any space: a line's end, a tab, or one that does not break.
  const [, first = said, behind] = /^(\S+)\s+(.*)$/s.exec(said) ?? []
  const begins = (name: string | false): boolean => name !== false && first.toLowerCase() === name.toLowerCase()
  const is = (name: string | false): boolean => behind === undefined && begins(name)
  if (settings.link !== false) {
    if (begins(settings.link)) {
      return Option.some(behind === undefined ? Command.Link() : Command.Send({ code: codeBehind(behind) }))
    }
    const code = codeIn(begins(start) ? (behind ?? "") : said)
    if (Option.isSome(code)) return Option.some(Command.Send({ code }))
  }
  if (is(settings.unlink)) return Option.some(Command.Unlink())
  if (is(settings.whoami)) return Option.some(Command.Whoami())
  if (is(settings.help)) return Option.some(Command.Help())
  return Option.none()
}
