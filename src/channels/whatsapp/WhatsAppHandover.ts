import {
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  decodeMessageNode,
  proto,
  type SignalDataSet,
  type SignalKeyStore,
  type SocketConfig,
  unpadRandomMax16,
  type WAMessageKey
} from "@whiskeysockets/baileys"

import * as Predicate from "effect/Predicate"
import type { WhatsAppStore } from "./WhatsAppStore.js"

/** A message as it came, opened. */
export interface Opened {
  readonly key: WAMessageKey
  readonly message: proto.IMessage
}

/** What finds the message that a ciphertext belongs to. */
export interface Arrivals {
  /** Takes note of a message whose ciphertexts will be opened. */
  readonly note: (node: BinaryNode) => void
  readonly find: (ciphertext: Uint8Array) => BinaryNode | undefined
}

export const arrivals = (): Arrivals => {
  const nodes = new WeakMap<Uint8Array, BinaryNode>()
  return {
    note: (node) => {
      if (!Array.isArray(node.content)) return
      for (const { content } of node.content) if (content instanceof Uint8Array) nodes.set(content, node)
    },
    find: (ciphertext) => nodes.get(ciphertext)
  }
}

type Make = SocketConfig["makeSignalRepository"]

/** The kind of key as which a message is kept that was opened and not accepted yet. */
const kind = "opened"

const idOf = ({ key: { id, remoteJid } }: Opened): string => `${remoteJid} ${id}`

/** The change of the keys that puts a message there, or takes it out. */
const noting = (opened: Opened, value: object | null): SignalDataSet => {
  const data: SignalDataSet = {}
  return Object.assign(data, { [kind]: { [idOf(opened)]: value } })
}

const isKey = (value: unknown): value is WAMessageKey =>
  Predicate.hasProperty(value, "id") && Predicate.isString(value.id)

/** What was opened and has not been accepted when the process or the connection ended. */
export const leftIn = (store: WhatsAppStore): ReadonlyArray<Opened> =>
  store
    .all(kind)
    .flatMap((value) =>
      Predicate.hasProperty(value, "key") && isKey(value.key) && Predicate.hasProperty(value, "bytes")
        ? [{ key: value.key, bytes: value.bytes }]
        : []
    )
    .flatMap(({ bytes, key }) => (bytes instanceof Uint8Array ? [{ key, message: proto.Message.decode(bytes) }] : []))

/** It has been accepted, and need not be kept any longer. */
export const settled = (keep: SignalKeyStore["set"], opened: Opened): void => {
  void keep(noting(opened, null))
}

/** What is done with messages and keys on their way. */
export interface Way {
  readonly accept: (opened: Opened) => Promise<void>
  /** Keeps a change of the keys at once. */
  readonly keep: SignalKeyStore["set"]
  /** Whether it is we who send, and not Baileys, which repeats a message that somebody could not open. */
  readonly isSending: () => boolean
}

/**
 * Baileys opens a message, tells WhatsApp that it was received, and only then tells us. In between a crash would lose it.
 * So it is handed over where it is opened: it is kept, in one step with the keys that opening it has changed; then it is
 * handed to `accept`; then WhatsApp is told. After a crash before the first it comes again and can be opened again; after a
 * later one it is there, and when it comes again it cannot be opened. While `accept` has not settled, nothing is told.
 *
 * Were it accepted before the keys are kept, the answer could go out, after a crash, with keys that know nothing of it.
 *
 * Baileys also sends a message, and only then keeps the keys that sealing it has changed. In between a crash would leave us
 * unable to open the reply. So they are kept, by `keep`, before the sealed message is given out.
 */
export const handingOver =
  (known: Arrivals, me: () => readonly [id: string, lid: string], { accept, isSending, keep }: Way): Make =>
  (auth, logger, ...more) => {
    const { keys } = auth
    let sealing = 0
    const inner = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      {
        ...auth,
        keys: {
          ...keys,
          set: (data) => Promise.resolve(keys.set(data)).then(() => (sealing > 0 ? keep(data) : undefined))
        }
      },
      logger,
      ...more
    )

    const sealed = <A>(work: () => Promise<A>): Promise<A> => {
      sealing += 1
      return work().finally(() => {
        sealing -= 1
      })
    }

    /** What is changed inside is kept together, at the end. */
    const together = <A>(work: () => Promise<A>, key: string): Promise<A> =>
      "transaction" in keys ? keys.transaction(work, key) : work()

    const openedFrom = (ciphertext: Uint8Array, plain: Uint8Array): Opened | undefined => {
      const node = known.find(ciphertext)
      if (node === undefined) return undefined
      const message = proto.Message.decode(unpadRandomMax16(plain))
      const { fullMessage } = decodeMessageNode(node, ...me())
      return { key: fullMessage.key, message: message.deviceSentMessage?.message ?? message }
    }

    const handedOver = (ciphertext: Uint8Array, key: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> =>
      together(
        () =>
          open().then((plain) => {
            const opened = openedFrom(ciphertext, plain)
            if (opened === undefined) return { plain }
            const bytes = proto.Message.encode(opened.message).finish()
            return Promise.resolve(keys.set(noting(opened, { key: opened.key, bytes }))).then(() => ({ plain, opened }))
          }),
        key
      ).then(({ opened, plain }: { readonly plain: Uint8Array; readonly opened?: Opened }) =>
        opened === undefined
          ? plain
          : accept(opened).then(() => {
              settled(keep, opened)
              return plain
            })
      )

    return {
      ...inner,
      // When it sends for the first time after its start, Baileys begins a session with every device anew, beside one that
      // works, and libsignal spoils one of two when it tries which of them a message belongs to. Not so when somebody could
      // not open a message, and asks for another session.
      injectE2ESession: (options) =>
        Promise.resolve(isSending() ? inner.getSessionInfo(options.jid) : null).then((session) =>
          session?.registrationId === options.session.registrationId ? undefined : inner.injectE2ESession(options)
        ),
      encryptMessage: (options) => sealed(() => inner.encryptMessage(options)),
      encryptGroupMessage: (options) => sealed(() => inner.encryptGroupMessage(options)),
      decryptMessage: (options) => handedOver(options.ciphertext, options.jid, () => inner.decryptMessage(options)),
      decryptGroupMessage: (options) => handedOver(options.msg, options.group, () => inner.decryptGroupMessage(options))
    }
  }
