import type * as HttpApp from "@effect/platform/HttpApp"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ChannelFailed } from "../Channel.js"
import type { ChannelName } from "../ChannelName.js"
import { type ListenFailed, listen } from "./Listener.js"

/** Whose calls are taken, and where. The channel's settings `host` and `port` say the latter. */
export interface Listening {
  readonly channel: ChannelName
  readonly host: string
  readonly port: number
}

/** How long the requests that have arrived may take to be answered when the server closes. */
const farewell = Duration.seconds(5)

/** In this form it passes the mask of the log, which takes a port of five digits for somebody's number. */
const address = ({ host, port }: Listening): string => `${host}:${port}`

const reasonOf = ({ code }: ListenFailed, at: Listening): string => {
  const { channel, host, port } = at
  switch (code) {
    case "EADDRINUSE":
      return `${address(at)} is in use by another program: end that one, or set ${channel}.port to another`
    case "EACCES":
      return `this user may not listen on port ${port}: set ${channel}.port to one above 1023`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine: set ${channel}.host to one that is, such as 127.0.0.1`
    default:
      return `the webhook cannot listen on ${address(at)} (${code})`
  }
}

/**
 * Serves until it is interrupted, the server breaks, or `meanwhile` fails, which begins when it listens. From then on no
 * connection is taken; whoever is being answered gets some seconds for it, and it ends when all are, or when these are over.
 */
export const serve = (
  app: HttpApp.Default,
  at: Listening,
  meanwhile: Effect.Effect<void, ChannelFailed>
): Effect.Effect<never, ChannelFailed> =>
  Effect.gen(function* () {
    const broken = yield* listen(app, { host: at.host, port: at.port }, farewell)
    yield* Effect.logInfo(`${at.channel}: waiting for calls on ${address(at)}`)
    return yield* Effect.raceFirst(broken, Effect.zipRight(meanwhile, Effect.never))
  }).pipe(
    Effect.catchTag("ListenFailed", (error) => new ChannelFailed({ channel: at.channel, reason: reasonOf(error, at) })),
    Effect.scoped
  )
