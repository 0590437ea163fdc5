import * as Option from "effect/Option"

/** 32 characters of which none looks like another: no 0 and O, no 1 and I. Eight of them are 40 bits. */
export const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const four = "[2-9A-HJ-NP-Z]{4}"
const written = new RegExp(`^(${four})-(${four})$`, "i")
const behindCommand = new RegExp(`^(${four})[-\\s]?(${four})$`, "i")
const word = /^([A-HJ-NP-Z]{3}[2-9]{2})(?:\s+(\S+))?$/i

const read = (form: RegExp, text: string): Option.Option<string> =>
  Option.map(Option.fromNullable(form.exec(text.trim())), ([, first = "", second = ""]) =>
    `${first}${second}`.toUpperCase()
  )

/** The code that a text is, if it has exactly the form of one: `ABCD-2345`, in either case, alone. */
export const codeIn = (text: string): Option.Option<string> => read(written, text)

/** The same behind a command, where the dash may be left out. */
export const codeBehind = (text: string): Option.Option<string> => read(behindCommand, text)

/** A code as people read it. */
export const printCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

/** A one-time word, and what its owner says with it. */
export interface Said {
  readonly word: string
  readonly more: Option.Option<string>
}

/** What a text says that has exactly the form of a one-time word, `ABC23`, alone or with one more word behind it. */
export const wordIn = (text: string): Option.Option<Said> =>
  Option.map(Option.fromNullable(word.exec(text.trim())), ([, word = "", more]) => ({
    word: word.toUpperCase(),
    more: Option.map(Option.fromNullable(more), (more) => more.toLowerCase())
  }))
