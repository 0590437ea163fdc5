import * as Command from "@effect/cli/Command"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { page } from "../Help.js"
import * as doctor from "./identity/doctor.js"
import * as explain from "./identity/explain.js"
import * as exporting from "./identity/export.js"
import * as forget from "./identity/forget.js"
import * as history from "./identity/history.js"
import * as importing from "./identity/import.js"
import * as invite from "./identity/invite.js"
import * as link from "./identity/link.js"
import * as list from "./identity/list.js"
import * as never from "./identity/never.js"
import * as pending from "./identity/pending.js"
import * as rename from "./identity/rename.js"
import * as revoke from "./identity/revoke.js"
import * as show from "./identity/show.js"
import * as suggest from "./identity/suggest.js"
import * as undo from "./identity/undo.js"
import * as unlink from "./identity/unlink.js"

// What looks at the map is loaded for those that look, what decides about it for those that decide, and nothing of either
// before a command runs. No layers: to build one takes a command a fifth of a millisecond.

const served =
  <Needed, Failed>(services: Effect.Effect<Context.Context<Needed>, Failed>) =>
  <Name extends string, R, E, A>(command: Command.Command<Name, R, E, A>) =>
    Command.withHandler(command, (line: A) =>
      Effect.flatMap(services, (context) => Effect.provide(command.handler(line), context))
    )

const reading = served(
  Effect.flatMap(
    Effect.promise(() => import("../../layers/reading.js")),
    ({ context }) => context
  )
)

const deciding = served(
  Effect.flatMap(
    Effect.promise(() => import("../../layers/deciding.js")),
    ({ context }) => context
  )
)

const subcommands = {
  doctor: doctor.doctor,
  explain: deciding(explain.explain),
  export: reading(exporting.exporting),
  forget: deciding(forget.forget),
  history: reading(history.history),
  import: deciding(importing.importing),
  invite: invite.invite,
  link: deciding(link.link),
  list: reading(list.list),
  never: deciding(never.never),
  pending: pending.pending,
  rename: deciding(rename.rename),
  revoke: revoke.revoke,
  show: reading(show.show),
  suggest: deciding(suggest.suggest),
  undo: deciding(undo.undo),
  unlink: deciding(unlink.unlink)
}

export const description = "Say which accounts belong together"

export const example = link.example

export const command = Command.make("identity").pipe(
  Command.withSubcommands([
    subcommands.link,
    subcommands.list,
    subcommands.show,
    subcommands.unlink,
    subcommands.rename,
    subcommands.invite,
    subcommands.pending,
    subcommands.revoke,
    subcommands.explain,
    subcommands.suggest,
    subcommands.never,
    subcommands.history,
    subcommands.undo,
    subcommands.forget,
    subcommands.export,
    subcommands.import,
    subcommands.doctor
  ])
)

export const pages = [
  page(["identity", "link"], subcommands.link, link.example),
  page(["identity", "list"], subcommands.list, list.example),
  page(["identity", "show"], subcommands.show, show.example),
  page(["identity", "unlink"], subcommands.unlink, unlink.example),
  page(["identity", "rename"], subcommands.rename, rename.example),
  page(["identity", "invite"], subcommands.invite, invite.example),
  page(["identity", "pending"], subcommands.pending, pending.example),
  page(["identity", "revoke"], subcommands.revoke, revoke.example),
  page(["identity", "explain"], subcommands.explain, explain.example),
  page(["identity", "suggest"], subcommands.suggest, suggest.example),
  page(["identity", "never"], subcommands.never, never.example),
  page(["identity", "history"], subcommands.history, history.example),
  page(["identity", "undo"], subcommands.undo, undo.example),
  page(["identity", "forget"], subcommands.forget, forget.example),
  page(["identity", "export"], subcommands.export, exporting.example),
  page(["identity", "import"], subcommands.import, importing.example),
  page(["identity", "doctor"], subcommands.doctor, doctor.example)
]
