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
import { createHash } from "node:crypto"
import * as Predicate from "effect/Predicate"
import type { WhatsAppStore } from "./WhatsAppStore.js"

/** A message as it came, opened. */
export interface Opened {
  /** Names the ciphertext, and no other: what a sender repeats is sealed anew. */
  readonly mark: string
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

/** The kind of key as which the marks of the last messages that were accepted are kept, and how many are. */
const accepted = "accepted"
const most = 100

/** A change of the keys, of kinds that Baileys does not know. */
const changing = (kinds: { readonly [kind: string]: { readonly [id: string]: unknown } }): SignalDataSet => {
  const data: SignalDataSet = {}
  return Object.assign(data, kinds)
}

const isKey = (value: unknown): value is WAMessageKey =>
  Predicate.hasProperty(value, "id") && Predicate.isString(value.id)

const read = (value: unknown): ReadonlyArray<Opened> =>
  Predicate.hasProperty(value, "key") &&
  Predicate.hasProperty(value, "bytes") &&
  isKey(value.key) &&
  value.bytes instanceof Uint8Array
    ? [
        {
          mark: Predicate.hasProperty(value, "mark") ? String(value.mark) : "",
          key: value.key,
          message: proto.Message.decode(value.bytes)
        }
      ]
    : []

/** What was opened and has not been accepted when the process or the connection ended. */
export const leftIn = (store: WhatsAppStore): ReadonlyArray<Opened> => store.all(kind).flatMap(read)

export const wasAccepted = (store: WhatsAppStore, mark: string): boolean => store.keys(accepted, [mark]).size > 0

/** Keeps of what has been accepted no more than its mark. */
export const settle = (store: WhatsAppStore, keep: SignalKeyStore["set"], opened: Opened): Promise<void> => {
  const old = store
    .all(accepted)
    .slice(0, 1 - most)
    .map(String)
  const marks = { ...Object.fromEntries(old.map((mark) => [mark, null])), [opened.mark]: opened.mark }
  return Promise.resolve(keep(changing({ [kind]: { [idOf(opened)]: null }, [accepted]: marks })))
}

/** A message without anything in it, as it is padded before it is sealed. */
const nothing = Uint8Array.of(1)

/** What is done with messages and keys on their way. */
export interface Way {
  /** Whether the message that came as the ciphertext of this mark has been accepted before. */
  readonly wasAccepted: (mark: string) => boolean
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
 * later one it is there, and when it comes again, it is known by its mark, and WhatsApp is told at once: it could not be
 * opened a second time. While `accept` has not settled, nothing is told.
 *
 * Were it accepted before the keys are kept, the answer could go out, after a crash, with keys that know nothing of it.
 *
 * Baileys also sends a message, and only then keeps the keys that sealing it has changed. In between a crash would leave us
 * unable to open the reply. So they are kept, by `keep`, before the sealed message is given out.
 */
export const handingOver =
  (
    known: Arrivals,
    me: () => readonly [id: string, lid: string],
    { accept, isSending, keep, wasAccepted }: Way
  ): Make =>
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

    const openedFrom = (ciphertext: Uint8Array, plain: Uint8Array, mark: string): Opened | undefined => {
      const node = known.find(ciphertext)
      if (node === undefined) return undefined
      const message = proto.Message.decode(unpadRandomMax16(plain))
      const { fullMessage } = decodeMessageNode(node, ...me())
      return { mark, key: fullMessage.key, message: message.deviceSentMessage?.message ?? message }
    }

    const handedOver = (ciphertext: Uint8Array, key: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      const mark = createHash("sha256").update(ciphertext).digest("base64")
      if (wasAccepted(mark)) return Promise.resolve(nothing)
      return together(
        () =>
          open().then((plain) => {
            const opened = openedFrom(ciphertext, plain, mark)
            if (opened === undefined) return { plain }
            const bytes = proto.Message.encode(opened.message).finish()
            const noted = changing({ [kind]: { [idOf(opened)]: { key: opened.key, mark, bytes } } })
            return Promise.resolve(keys.set(noted)).then(() => ({ plain, opened }))
          }),
        key
      ).then(({ opened, plain }: { readonly plain: Uint8Array; readonly opened?: Opened }) =>
        opened === undefined ? plain : accept(opened).then(() => plain)
      )
    }

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
