import * as Schema from "effect/Schema"
import { codeIn, wordIn } from "../../identity/proof/CodeForm.js"
import * as Option from "effect/Option"

/** What people send, in either case; false for a command that there is not to be. */
const Command = Schema.Union(
  Schema.Literal(false),
  Schema.String.pipe(
    Schema.filter((text) => /^\S{1,32}$/.test(text) && Option.isNone(codeIn(text)) && Option.isNone(wordIn(text)))
  )
).annotations({
  message: () => ({ message: 'false, or one word such as "/link" is expected', override: true })
})

const named = (name: string) => Schema.optionalWith(Command, { default: () => name })

/** The names of the commands. */
const commands = ["link", "unlink", "whoami", "help"] as const

/** The section `chat` of the configuration file: what people can have done from the chat. */
export const ChatSettings = Schema.Struct({
  /** Whether there are any commands. */
  enabled: Schema.optionalWith(Schema.Boolean, { default: () => true }),
  link: named("/link"),
  unlink: named("/unlink"),
  whoami: named("/whoami"),
  help: named("/help")
}).pipe(
  Schema.filter(
    (settings) => {
      const names = commands.flatMap((name) => {
        const command = settings[name]
        return command === false ? [] : [command.toLowerCase()]
      })
      return new Set(names).size === names.length
    },
    {
      message: () => "each command needs a name of its own"
    }
  )
)
export type ChatSettings = typeof ChatSettings.Type
