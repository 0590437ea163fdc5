import * as Command from "@effect/cli/Command"
import * as Layer from "effect/Layer"
import * as identities from "../../layers/identity.js"
import * as storage from "../../layers/storage.js"
import { page } from "../Help.js"
import * as link from "./identity/link.js"
import * as list from "./identity/list.js"
import * as show from "./identity/show.js"
import * as unlink from "./identity/unlink.js"

const identityLayer = Layer.provide(identities.layer, storage.layer)

const subcommands = {
  link: Command.provide(link.link, identityLayer),
  list: Command.provide(list.list, identityLayer),
  show: Command.provide(show.show, identityLayer),
  unlink: Command.provide(unlink.unlink, identityLayer)
}

export const description = "Say which accounts belong together"

export const example = link.example

export const command = Command.make("identity").pipe(
  Command.withSubcommands([subcommands.link, subcommands.list, subcommands.show, subcommands.unlink])
)

export const pages = [
  page(["identity", "link"], subcommands.link, link.example),
  page(["identity", "list"], subcommands.list, list.example),
  page(["identity", "show"], subcommands.show, show.example),
  page(["identity", "unlink"], subcommands.unlink, unlink.example)
]
