import {
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  decodeMessageNode,
  proto,
  type SignalKeyStore,
  type SocketConfig,
  unpadRandomMax16,
  type WAMessageKey
} from "@whiskeysockets/baileys"

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

/**
 * Baileys opens a message, tells WhatsApp that it was received, and only then tells us. In between a crash would lose it.
 * So it is handed over where it is opened: `accept` first; then the keys that opening it has changed are kept; then
 * WhatsApp is told. After a crash between the first two the message comes again and can be opened again; after one
 * between the last two it comes again, cannot be opened and was accepted. While `accept` has not settled, nothing is
 * told and nothing is kept.
 *
 * Baileys also sends a message, and only then keeps the keys that sealing it has changed. In between a crash would leave us
 * unable to open the reply. So they are kept, by `keep`, before the sealed message is given out.
 */
export const handingOver =
  (
    known: Arrivals,
    me: () => readonly [id: string, lid: string],
    accept: (opened: Opened) => Promise<void>,
    keep: SignalKeyStore["set"]
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

    const handOver = (ciphertext: Uint8Array, plain: Uint8Array): Promise<Uint8Array> => {
      const node = known.find(ciphertext)
      if (node === undefined) return Promise.resolve(plain)
      const message = proto.Message.decode(unpadRandomMax16(plain))
      const { fullMessage } = decodeMessageNode(node, ...me())
      return accept({ key: fullMessage.key, message: message.deviceSentMessage?.message ?? message }).then(() => plain)
    }

    /** What is changed inside is kept together, at the end. */
    const together = <A>(work: () => Promise<A>, key: string): Promise<A> =>
      "transaction" in keys ? keys.transaction(work, key) : work()

    return {
      ...inner,
      encryptMessage: (options) => sealed(() => inner.encryptMessage(options)),
      encryptGroupMessage: (options) => sealed(() => inner.encryptGroupMessage(options)),
      decryptMessage: (options) =>
        together(() => inner.decryptMessage(options).then((plain) => handOver(options.ciphertext, plain)), options.jid),
      decryptGroupMessage: (options) =>
        together(() => inner.decryptGroupMessage(options).then((plain) => handOver(options.msg, plain)), options.group)
    }
  }
