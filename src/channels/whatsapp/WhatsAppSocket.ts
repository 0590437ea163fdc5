import {
  type BinaryNode,
  Browsers,
  generateMessageIDV2,
  isJidBot,
  isJidBroadcast,
  isJidMetaAI,
  isJidNewsletter,
  jidNormalizedUser,
  makeWASocket,
  type WAMessageKey,
  type WASocket
} from "@whiskeysockets/baileys"
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { credentialsIn, keysIn } from "./WhatsAppCredentials.js"
import { declinedBy, endOf, WhatsAppDeclined, type WhatsAppEnd, WhatsAppLost } from "./WhatsAppEnd.js"
import { arrivals, handingOver, leftIn, type Opened, settle, wasAccepted, type Way } from "./WhatsAppHandover.js"
import { inOrder, type Listener, rearranged } from "./WhatsAppListeners.js"
import type { Record } from "./WhatsAppRecord.js"
import type { WhatsAppStore } from "./WhatsAppStore.js"

type Accept = (opened: Opened) => Effect.Effect<void, { readonly message: string }>

/** One connection to WhatsApp, from its beginning to its end. */
export interface WhatsAppSocket {
  /** Completes when WhatsApp has let us in. */
  readonly opened: Effect.Effect<void, WhatsAppEnd>
  /** Waits for the end. */
  readonly ended: Effect.Effect<never, WhatsAppEnd>
  /** What the next QR code says, for an account that is not linked yet. */
  readonly nextCode: Effect.Effect<string, WhatsAppEnd>
  /** Asks for a code that is typed on the phone instead. The number is without the plus. */
  readonly pairingCode: (digits: string) => Effect.Effect<string, WhatsAppEnd | WhatsAppDeclined>
  /** The JIDs of the account. */
  readonly own: Effect.Effect<ReadonlyArray<string>>
  /**
   * Opens what comes, one after another, and tells WhatsApp of each only after `accept` has succeeded for it. Where that
   * fails, the connection ends, and the message will come again.
   */
  readonly receive: (accept: Accept) => Effect.Effect<never, WhatsAppEnd>
  /** The phone number that WhatsApp says a LID belongs to, as a JID. */
  readonly phoneOf: (lid: string) => Effect.Effect<Option.Option<string>>
  readonly newId: Effect.Effect<string>
  /** Encrypts and sends a text, and waits until WhatsApp says that it has taken it. */
  readonly send: (chat: string, text: string, id: string) => Effect.Effect<void, WhatsAppEnd | WhatsAppDeclined>
  readonly typing: (chat: string) => Effect.Effect<void, WhatsAppEnd | WhatsAppDeclined>
  /** Nobody is there any more: what comes from now on makes the phone ring. */
  readonly away: Effect.Effect<void, WhatsAppEnd | WhatsAppDeclined>
  readonly markRead: (keys: ReadonlyArray<WAMessageKey>) => Effect.Effect<void, WhatsAppEnd | WhatsAppDeclined>
  /** Takes this device off the account. */
  readonly logOut: Effect.Effect<void, WhatsAppEnd | WhatsAppDeclined>
}

const nothing = () => {}

/** Baileys logs keys, numbers and texts. */
const silent = {
  level: "silent",
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing
}

/** Bots, channels, mailing lists and the statuses of everybody: nobody is speaking to us there. */
const isNoPerson = (jid: string): boolean =>
  [isJidBroadcast, isJidNewsletter, isJidMetaAI, isJidBot].some((is) => Boolean(is(jid)))

/**
 * Baileys knows by the asynchronous context whether it is in a transaction, and what begins while a message is accepted,
 * a turn for example, inherits the context of the transaction that opened it. Whoever sent from there would seal with keys of
 * that time, and what changes would be kept nowhere. So every call begins where no transaction is.
 */
const outside = new AsyncResource("warelay/WhatsApp")

/** How long WhatsApp may take to say that it has a message. */
const patience = Duration.seconds(20)

/** How long a connection may take to be closed. */
const farewell = Duration.seconds(2)

/**
 * Connects with what the store holds. Whatever Baileys wants to have kept is in the store before it goes on; if that
 * fails, the connection ends and Baileys never hears of it, so that nothing is acknowledged that is not kept.
 */
export const connect = (store: WhatsAppStore, url: string): Effect.Effect<WhatsAppSocket, never, Scope.Scope> =>
  Effect.gen(function* () {
    const host = new URL(url).host
    const opened = yield* Deferred.make<void, WhatsAppEnd>()
    const ended = yield* Deferred.make<never, WhatsAppEnd>()
    const codes = yield* Queue.unbounded<string>()
    const inbox = yield* Queue.unbounded<BinaryNode>()
    // What opens a message and what seals one read the same keys and write them back.
    const oneAtATime = yield* Effect.makeSemaphore(1)
    const run = yield* FiberSet.makeRuntime<never>()
    const credentials = yield* credentialsIn(store)
    const known = arrivals()
    const sending = new AsyncLocalStorage<true>()
    const isSending = () => sending.getStore() === true
    let accept: Accept = () => Effect.never

    const end = (why: WhatsAppEnd): void => {
      const over = Effect.sync(() => Deferred.unsafeDone(ended, Effect.fail(why)))
      // Kept before anybody hears of it, so that nobody tries again with the same credentials.
      if (why._tag !== "WhatsAppLoggedOut") Effect.runSync(over)
      else run(Effect.ensuring(Effect.ignoreLogged(store.keep({ ended: true })), over), { immediate: true })
    }
    const broke = (error: unknown) => end(endOf(host, error))

    /** A promise that is settled when the effect has succeeded, and never if it does not. */
    const promised = (effect: Effect.Effect<void, { readonly message: string }>): Promise<void> =>
      new Promise((resolve) => {
        const settled = effect.pipe(
          Effect.tap(() => Effect.sync(resolve)),
          Effect.catchAll(({ message: reason }) => Effect.sync(() => end(new WhatsAppLost({ reason })))),
          Effect.catchAllDefect((defect) => Deferred.die(ended, defect))
        )
        // At once: what was begun is finished when the connection ends, and what was not is not.
        run(settled, { immediate: true })
      })
    const keep = (change: Record) => promised(store.keep(change))

    const me = (): readonly [string, string] => [credentials.me?.id ?? "", credentials.me?.lid ?? ""]

    /** What a listener of Baileys' rejects with would end the process; here it ends the connection. */
    const arrange = ({ ev, ws }: WASocket) => {
      const opening: Array<Listener> = []
      rearranged(ws, (event, listener) => {
        // One after another: a frame that takes longer to unpack is not overtaken.
        if (event === "message") return inOrder(listener, broke)
        if (event !== "CB:message") return (...args) => void listener(...args).catch(broke)
        opening.push(listener)
        return nothing
      })
      ws.on("CB:message", (node: BinaryNode) => {
        Queue.unsafeOffer(inbox, node)
      })
      ev.on("creds.update", () => {
        void keep({ credentials })
      })
      ev.on("connection.update", ({ connection, lastDisconnect, qr }) => {
        if (qr !== undefined) Queue.unsafeOffer(codes, qr)
        if (connection === "open") Deferred.unsafeDone(opened, Effect.void)
        if (connection === "close") broke(lastDisconnect?.error)
      })
      return (node: BinaryNode): Promise<unknown> => {
        known.note(node)
        return Promise.all(opening.map((listener) => listener(node)))
      }
    }

    const keys = keysIn(store, keep)

    const start = Effect.sync(() => {
      const way: Way = {
        wasAccepted: (mark) => wasAccepted(store, mark),
        accept: (message) => promised(Effect.suspend(() => accept(message))),
        keep: keys.set,
        isSending
      }
      const socket = makeWASocket({
        waWebSocketUrl: url,
        logger: silent,
        browser: Browsers.macOS("Chrome"),
        auth: { creds: credentials, keys },
        makeSignalRepository: handingOver(known, me, way),
        shouldIgnoreJid: isNoPerson,
        // The phone goes on ringing, and what is said elsewhere in the account is none of our business.
        markOnlineOnConnect: false,
        syncFullHistory: false,
        shouldSyncHistoryMessage: () => false,
        emitOwnEvents: false
      })
      return { socket, open: arrange(socket) }
    })

    const { open, socket } = yield* Effect.acquireRelease(start, ({ socket }) => {
      end(new WhatsAppLost({ reason: "the connection was closed" }))
      // In a fiber of its own: this one may have been interrupted, and would not wait.
      return Effect.promise(() => socket.end(undefined)).pipe(
        Effect.timeout(farewell),
        Effect.interruptible,
        Effect.forkDaemon,
        Effect.flatMap(Fiber.await)
      )
    })

    const orEnd = <A, E>(effect: Effect.Effect<A, E>) => Effect.raceFirst(effect, Deferred.await(ended))

    const calling = <A>(call: () => Promise<A>): Effect.Effect<A, WhatsAppEnd | WhatsAppDeclined> =>
      orEnd(Effect.tryPromise({ try: () => outside.runInAsyncScope(call), catch: declinedBy }))

    return {
      opened: orEnd(Deferred.await(opened)),
      ended: Deferred.await(ended),
      nextCode: orEnd(Queue.take(codes)),
      pairingCode: (digits) => calling(() => socket.requestPairingCode(digits)),
      own: Effect.sync(() =>
        me()
          .filter((jid) => jid !== "")
          .map(jidNormalizedUser)
      ),
      receive: (then) =>
        Effect.suspend(() => {
          accept = (message) =>
            Effect.tap(then(message), () => Effect.sync(() => void settle(store, keys.set, message)))
          // WhatsApp may bring it again at once, and then its mark has to be there.
          const first = Effect.forEach(
            leftIn(store),
            (left) =>
              Effect.zipRight(
                then(left),
                Effect.promise(() => settle(store, keys.set, left))
              ),
            { discard: true }
          ).pipe(Effect.catchAll(({ message: reason }) => Effect.sync(() => end(new WhatsAppLost({ reason })))))
          const next = Effect.flatMap(Queue.take(inbox), (node) => {
            // Without this mark Baileys would put it into a queue of its own, and later ones could overtake it.
            const { offline: _, ...attrs } = node.attrs
            const opening = () => open({ ...node, attrs })
            return oneAtATime.withPermits(1)(Effect.promise(() => outside.runInAsyncScope(opening)))
          })
          return orEnd(Effect.zipRight(first, Effect.forever(next)))
        }),
      phoneOf: (lid) =>
        Effect.map(
          Effect.promise(() => outside.runInAsyncScope(() => socket.signalRepository.lidMapping.getPNForLID(lid))),
          Option.fromNullable
        ),
      newId: Effect.sync(() => generateMessageIDV2(me()[0])),
      send: (chat, text, id) =>
        Effect.gen(function* () {
          const answered = yield* Deferred.make<BinaryNode>()
          yield* Effect.acquireRelease(
            Effect.sync(() => {
              const listener = (node: BinaryNode) => Deferred.unsafeDone(answered, Effect.succeed(node))
              socket.ws.on(`TAG:${id}`, listener)
              return listener
            }),
            (listener) => Effect.sync(() => socket.ws.off(`TAG:${id}`, listener))
          )
          yield* oneAtATime.withPermits(1)(
            calling(() =>
              sending.run(true, () => socket.relayMessage(chat, { extendedTextMessage: { text } }, { messageId: id }))
            )
          )
          const { attrs } = yield* orEnd(Deferred.await(answered)).pipe(
            Effect.timeoutFail({
              duration: patience,
              onTimeout: () => new WhatsAppLost({ reason: "WhatsApp did not say that it has taken the answer" })
            })
          )
          if (attrs["error"] !== undefined) return yield* new WhatsAppDeclined({ status: Number(attrs["error"]) })
        }).pipe(Effect.scoped),
      typing: (chat) =>
        // Nobody sees somebody write who is not there.
        calling(() => socket.sendPresenceUpdate("available").then(() => socket.sendPresenceUpdate("composing", chat))),
      away: calling(() => socket.sendPresenceUpdate("unavailable")),
      markRead: (keys) => calling(() => socket.readMessages([...keys])),
      logOut: calling(() =>
        socket.query({
          tag: "iq",
          attrs: { to: "s.whatsapp.net", type: "set", xmlns: "md" },
          content: [{ tag: "remove-companion-device", attrs: { jid: me()[0], reason: "user_initiated" } }]
        })
      )
    }
  })
