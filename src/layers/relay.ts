import * as Layer from "effect/Layer"
import type { ChannelName } from "../channels/Message.js"
import * as Inbox from "../relay/Inbox.js"
import * as Mailboxes from "../relay/Mailboxes.js"
import * as Relay from "../relay/Relay.js"
import * as channels from "./channels.js"
import * as turns from "./turns.js"

/** The relay over these channels, with the home on disk. */
export const layer = (names: ReadonlyArray<ChannelName>) =>
  Relay.layer.pipe(
    Layer.provide([Inbox.layerMemory, Mailboxes.layerMemory, channels.layer(names)]),
    Layer.provide(turns.layer(names.includes("console")))
  )
