import * as Command from "@effect/cli/Command"
import * as Layer from "effect/Layer"
import { Actor } from "../../identity/Recorded.js"
import * as identities from "../../layers/identity.js"
import * as storage from "../../layers/storage.js"
import { page } from "../Help.js"
import * as doctor from "./identity/doctor.js"
import * as explain from "./identity/explain.js"
import * as exporting from "./identity/export.js"
import * as forget from "./identity/forget.js"
import * as history from "./identity/history.js"
import * as importing from "./identity/import.js"
import * as link from "./identity/link.js"
import * as list from "./identity/list.js"
import * as never from "./identity/never.js"
import * as rename from "./identity/rename.js"
import * as show from "./identity/show.js"
import * as suggest from "./identity/suggest.js"
import * as undo from "./identity/undo.js"
import * as unlink from "./identity/unlink.js"

const identityLayer = Layer.merge(Layer.provide(identities.layer, storage.layer), Layer.succeed(Actor, "cli"))

const subcommands = {
  doctor: doctor.doctor,
  explain: Command.provide(explain.explain, identityLayer),
  export: Command.provide(exporting.exporting, identityLayer),
  forget: Command.provide(forget.forget, identityLayer),
  history: Command.provide(history.history, identityLayer),
  import: Command.provide(importing.importing, identityLayer),
  link: Command.provide(link.link, identityLayer),
  list: Command.provide(list.list, identityLayer),
  never: Command.provide(never.never, identityLayer),
  rename: Command.provide(rename.rename, identityLayer),
  show: Command.provide(show.show, identityLayer),
  suggest: Command.provide(suggest.suggest, identityLayer),
  undo: Command.provide(undo.undo, identityLayer),
  unlink: Command.provide(unlink.unlink, identityLayer)
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
