import * as Command from "@effect/cli/Command"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Terminal from "@effect/platform/Terminal"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as NodePath from "node:path"
import { Process } from "../config/Process.js"
import {
  dashLast,
  disguised,
  endsInFlag,
  foreignIn,
  mistakeIn,
  pageOf,
  separated,
  wantsHelp,
  wantsVersion
} from "./Argv.js"
import * as agent from "./commands/agent.js"
import * as identity from "./commands/identity.js"
import * as login from "./commands/login.js"
import * as logout from "./commands/logout.js"
import * as relay from "./commands/relay.js"
import * as send from "./commands/send.js"
import * as sessions from "./commands/sessions.js"
import * as status from "./commands/status.js"
import { ExitStatus, failureOf } from "./Failure.js"
import { config, group, page } from "./Help.js"
import * as Log from "./Log.js"
import { mistaken } from "./options.js"
import { plain } from "./render/plain.js"
import { canColour } from "./Terminal.js"
import { version } from "./Version.js"

const description = "A relay between people on WhatsApp, Telegram and Twilio and Claude"

const root = Command.make("warelay").pipe(
  Command.withSubcommands([
    identity.command,
    agent.command,
    relay.command,
    login.command,
    logout.command,
    status.command,
    send.command,
    sessions.command
  ])
)

const pages = [
  group([], description, [["--version", "Show the version"]], "warelay relay --providers console"),
  group(["identity"], identity.description, [], identity.example),
  ...identity.pages,
  page(["agent"], agent.command, agent.example),
  page(["relay"], relay.command, relay.example),
  page(["login"], login.command, login.example),
  page(["logout"], logout.command, logout.example),
  page(["status"], status.command, status.example),
  page(["send"], send.command, send.example),
  group(["sessions"], sessions.description, [], sessions.example),
  ...sessions.pages
]

/**
 * The parser asks for these on behalf of options that name files and of questions to the user; we have neither. No layers:
 * to put together what is there already would take every command a millisecond.
 */
const services = Context.make(FileSystem.FileSystem, FileSystem.makeNoop({})).pipe(
  Context.add(
    Path.Path,
    Path.Path.of({ ...NodePath, [Path.TypeId]: Path.TypeId, fromFileUrl: Effect.die, toFileUrl: Effect.die })
  ),
  Context.add(
    Terminal.Terminal,
    Terminal.Terminal.of({
      columns: Effect.succeed(0),
      rows: Effect.succeed(0),
      isTTY: Effect.succeed(false),
      readInput: Effect.never,
      readLine: Effect.fail(new Terminal.QuitException()),
      display: () => Effect.void
    })
  )
)

/** Takes the widths of all characters, and is loaded only then. */
const shown = Effect.promise(() => import("./render/help.js"))

const execute = (argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const here = pageOf(pages, argv)
    const asked = wantsHelp(argv) || (here?.leadsOn === true && here.words.length === argv.length)
    if (here !== undefined && asked) {
      const { render } = yield* shown
      const text = render(here, pages)
      const process = yield* Process
      return yield* Console.log(canColour(process, "output") ? text : plain(text))
    }
    if (wantsVersion(argv)) return yield* Console.log(version)
    const foreign = foreignIn(here, argv)
    if (foreign !== undefined) return yield* mistaken(foreign)
    if (here !== undefined && endsInFlag(argv)) {
      const mistake = mistakeIn(pages, here, argv)
      if (mistake !== undefined) return yield* mistaken(mistake)
    }
    const line = disguised(here === undefined ? argv : dashLast(here, separated(here, argv)))
    const directive = yield* CommandDescriptor.parse(root.descriptor, ["warelay", ...line], config)
    // Options of the parser's own do not get this far.
    if (directive._tag === "BuiltIn") return yield* Effect.dieMessage("the parser has taken an option for its own")
    const [unknown] = directive.leftover
    if (unknown !== undefined) return yield* mistaken(`Received unknown argument: '${unknown}'`)
    yield* root.transform(root.handler(directive.value), directive.value)
  }).pipe(
    Effect.catchIf(ValidationError.isValidationError, (error) => {
      const here = pageOf(pages, argv)
      const mistake = here === undefined ? undefined : mistakeIn(pages, here, argv)
      return mistake === undefined ? Effect.fail(error) : mistaken(mistake)
    })
  )

/** Runs one command line, without the program's own name, and says how it ended. */
export const run = (argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(execute(argv))
    if (Exit.isSuccess(exit)) return ExitStatus.done
    const help = ["warelay", ...(pageOf(pages, argv)?.words ?? []), "--help"].join(" ")
    const { status, text } = failureOf(exit.cause, help)
    if (text !== "") yield* Console.error(text)
    return status
  }).pipe(Log.toErrors, Effect.provide(services))
