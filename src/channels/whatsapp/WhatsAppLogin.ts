import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { PhoneNumber } from "../../identity/Identity.js"
import { masked } from "../../config/Masked.js"
import { accountOf } from "./WhatsAppAccount.js"
import { WhatsAppNotLinked } from "./WhatsAppConnections.js"
import { WhatsAppLoggedOut } from "./WhatsAppEnd.js"
import { connect, type WhatsAppSocket } from "./WhatsAppSocket.js"
import * as WhatsAppStore from "./WhatsAppStore.js"

/** There is a linked device already, and a home has one. */
class WhatsAppAlreadyLinked extends Schema.TaggedError<WhatsAppAlreadyLinked>()("WhatsAppAlreadyLinked", {
  /** The account, without most of its number. */
  account: Schema.String
}) {
  override get message(): string {
    return `this is linked with the WhatsApp account ${this.account} already. To link another one: warelay logout, then warelay login`
  }
}

/** Codes were shown, and nobody used one. */
class WhatsAppLoginTimedOut extends Schema.TaggedError<WhatsAppLoginTimedOut>()("WhatsAppLoginTimedOut", {}) {
  override get message(): string {
    return "nobody has used the code, and WhatsApp does not wait any longer. Try again: warelay login"
  }
}

/** How codes are shown to the person who logs in. */
export interface Prompts {
  /** What a QR code says. It is replaced by the next one, after a while. */
  readonly scan: (code: string) => Effect.Effect<void>
  /** Eight characters to be typed on the phone. */
  readonly type: (code: string) => Effect.Effect<void>
}

const nameOf = (account: string): string => masked(account.replace(/[:@].*/, ""))

const linkedIn = (store: WhatsAppStore.WhatsAppStore) => Effect.map(store.credentials, Option.flatMap(accountOf))

/** Shows codes until WhatsApp ends the connection, as it does when one was used. */
const shownCodes = (socket: WhatsAppSocket, phone: Option.Option<PhoneNumber>, prompts: Prompts) =>
  Effect.gen(function* () {
    const first = yield* socket.nextCode
    if (Option.isSome(phone)) {
      yield* Effect.flatMap(socket.pairingCode(phone.value.slice(1)), prompts.type)
      return yield* socket.ended
    }
    yield* prompts.scan(first)
    return yield* Effect.forever(Effect.flatMap(socket.nextCode, prompts.scan))
  })

/** Links this device with an account by a code that is used on its phone. Answers with the account, masked. */
export const login = Effect.fn("WhatsAppLogin.login")(function* (
  url: string,
  phone: Option.Option<PhoneNumber>,
  prompts: Prompts
) {
  const store = yield* WhatsAppStore.open
  const linked = yield* linkedIn(store)
  if (Option.isSome(linked) && !(yield* store.ended)) {
    return yield* new WhatsAppAlreadyLinked({ account: nameOf(linked.value) })
  }
  yield* store.clear
  // What is kept for a device that was not linked in the end is of no use.
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(linkedIn(store), (linked) =>
      Option.isNone(linked) ? Effect.ignoreLogged(store.clear) : Effect.void
    )
  )

  let shown = false
  const counted: Prompts = {
    scan: (code) =>
      Effect.zipRight(
        Effect.sync(() => (shown = true)),
        prompts.scan(code)
      ),
    type: (code) =>
      Effect.zipRight(
        Effect.sync(() => (shown = true)),
        prompts.type(code)
      )
  }
  const why = yield* Effect.flatMap(connect(store, url), (socket) => shownCodes(socket, phone, counted)).pipe(
    Effect.scoped,
    Effect.flip
  )
  const account = yield* linkedIn(store)
  if (Option.isNone(account)) {
    return yield* why._tag === "WhatsAppLost" && shown ? new WhatsAppLoginTimedOut() : why
  }
  // After a login WhatsApp wants a new connection; only there it takes the keys with which others write to us.
  yield* Effect.scoped(Effect.flatMap(connect(store, url), ({ opened }) => opened))
  return nameOf(account.value)
}, Effect.scoped)

/** Takes this device off the account, and forgets all that was kept of it. Answers with the account, masked. */
export const logout = Effect.fn("WhatsAppLogin.logout")(function* (url: string, local: boolean) {
  const store = yield* WhatsAppStore.open
  const account = yield* linkedIn(store)
  if (Option.isNone(account)) return yield* new WhatsAppNotLinked()
  if (!local && !(yield* store.ended)) {
    yield* Effect.flatMap(connect(store, url), (socket) => Effect.zipRight(socket.opened, socket.logOut)).pipe(
      Effect.scoped,
      // Which of the two WhatsApp says first does not matter.
      Effect.catchIf(
        (error) => error instanceof WhatsAppLoggedOut,
        () => Effect.void
      )
    )
  }
  yield* store.clear
  return nameOf(account.value)
}, Effect.scoped)
