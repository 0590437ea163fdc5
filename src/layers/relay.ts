import * as Layer from "effect/Layer"
import type { ChannelName } from "../channels/ChannelName.js"
import * as Inbox from "../relay/InboxFile.js"
import * as Mailboxes from "../relay/Mailboxes.js"
import * as Relay from "../relay/Relay.js"
import * as Report from "../relay/Report.js"
import * as Strangers from "../relay/StrangersFile.js"
import { layerFile } from "../session/SessionStoreFile.js"
import * as channels from "./channels.js"
import * as control from "./control.js"
import * as proofs from "./proofs.js"
import * as tracing from "./tracing.js"
import * as turns from "./turns.js"

/** The relay over these channels, with the home on disk, and what it can be asked and told by. */
export const layer = (names: ReadonlyArray<ChannelName>, version: string) =>
  Layer.merge(Relay.layer, control.layer(version)).pipe(
    Layer.provide(Layer.provide(Report.layer, Strangers.layerFile)),
    Layer.provide([Inbox.layerFile, Mailboxes.layerMemory, channels.layer(names), layerFile, proofs.layer]),
    Layer.provideMerge(tracing.layer(version)),
    Layer.provide(turns.layer({ isRelay: true, echoWithoutClaude: names.includes("console") }))
  )
