import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Home } from "../../config/Home.js"
import type { Disk } from "../../storage/Disk.js"
import type { FileLock } from "../../storage/FileLock.js"
import { accountOf } from "./WhatsAppAccount.js"
import { type WhatsAppEnd, WhatsAppLoggedOut } from "./WhatsAppEnd.js"
import { connect, type WhatsAppSocket } from "./WhatsAppSocket.js"
import * as WhatsAppStore from "./WhatsAppStore.js"

/** There is no linked device. */
export class WhatsAppNotLinked extends Schema.TaggedError<WhatsAppNotLinked>()("WhatsAppNotLinked", {}) {
  override get message(): string {
    return "no WhatsApp account is linked; link one: warelay login"
  }
}

export type ConnectError = WhatsAppEnd | WhatsAppNotLinked | WhatsAppStore.StoreError

/** The one connection that there is, for all who need it at the same time. */
export interface WhatsAppConnections {
  /** Uses the connection, which is made if there is none. One that has ended is handed to nobody any more. */
  readonly use: <A, E>(use: (socket: WhatsAppSocket) => Effect.Effect<A, E>) => Effect.Effect<A, E | ConnectError>
  /** Uses the connection if there is one. */
  readonly useIfOpen: <E>(use: (socket: WhatsAppSocket) => Effect.Effect<void, E>) => Effect.Effect<void, E>
}

/** It stays open for so long when nobody uses it: a relay's last answers come after it has stopped receiving. */
const idle = "30 seconds"

const open = (url: string) =>
  Effect.gen(function* () {
    const store = yield* WhatsAppStore.open
    if (Option.isNone(Option.flatMap(yield* store.credentials, accountOf))) return yield* new WhatsAppNotLinked()
    if (yield* store.ended) return yield* new WhatsAppLoggedOut()
    const socket = yield* connect(store, url)
    yield* socket.opened
    return socket
  })

export const make = (url: string): Effect.Effect<WhatsAppConnections, never, Home | Disk | FileLock | Scope.Scope> =>
  Effect.gen(function* () {
    // Each connection has a number of its own, so that nobody meets one that is over under the number of the next.
    let now = 0
    let current = Option.none<WhatsAppSocket>()

    const over = (number: number) =>
      Effect.suspend(() => {
        if (number === now) {
          now += 1
          current = Option.none()
        }
        return RcMap.invalidate(sockets, number)
      })

    const sockets: RcMap.RcMap<number, WhatsAppSocket, ConnectError> = yield* RcMap.make({
      idleTimeToLive: idle,
      lookup: (number: number) =>
        open(url).pipe(
          Effect.tap((socket) => {
            current = Option.some(socket)
            return Effect.forkScoped(Effect.zipRight(Effect.ignore(socket.ended), over(number)))
          }),
          Effect.tapError(() => over(number))
        )
    })

    return {
      use: (use) => Effect.suspend(() => Effect.scoped(Effect.flatMap(RcMap.get(sockets, now), use))),
      useIfOpen: (use) => Effect.suspend(() => Option.match(current, { onNone: () => Effect.void, onSome: use }))
    }
  })
