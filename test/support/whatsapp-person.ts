import {
  addTransactionCapability,
  type AuthenticationCreds,
  type BinaryNode,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeBigEndian,
  encodeWAMessage,
  initAuthCreds,
  proto,
  type SignalKeyStore,
  unpadRandomMax16
} from "@whiskeysockets/baileys"

/** Somebody's account on WhatsApp: a phone number, and a LID where WhatsApp has given one. */
export interface Account {
  readonly phone: string
  readonly lid: string
}

export const jid = ({ phone }: Account) => `${phone}@s.whatsapp.net`
export const lid = ({ lid }: Account) => `${lid}@lid`

/** What somebody has to know of a device to begin a conversation with it. */
export interface Bundle {
  readonly registrationId: number
  readonly identityKey: Uint8Array
  readonly signedPreKey: { readonly keyId: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly preKey: { readonly keyId: number; readonly publicKey: Uint8Array }
}

// libsignal prints whole sessions, with their keys. In the product the build takes that out.
for (const level of ["log", "info", "warn", "error"] as const) console[level] = () => {}

export const silent = {
  level: "silent",
  child: () => silent,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {}
}

export const memory = (): SignalKeyStore => {
  const kept = new Map<string, string>()
  return {
    get: (kind, ids) => {
      const found = Object.create(null)
      for (const id of ids) {
        const text = kept.get(`${kind} ${id}`)
        if (text !== undefined) found[id] = JSON.parse(text, revive)
      }
      return found
    },
    set: (data) => {
      for (const [kind, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values)) {
          if (value === null) kept.delete(`${kind} ${id}`)
          else kept.set(`${kind} ${id}`, JSON.stringify(value, replace))
        }
      }
    }
  }
}
const replace = (_: string, value: unknown) =>
  value instanceof Uint8Array ? { type: "Buffer", data: [...value] } : value
const revive = (_: string, value: { readonly type?: string; readonly data?: ReadonlyArray<number> } | null) =>
  value?.type === "Buffer" && value.data !== undefined ? Buffer.from(value.data) : value

const withType = (key: Uint8Array) => Buffer.concat([Buffer.from([5]), key])

/** What a device with these credentials hands out, so that somebody can begin a conversation with it. */
export const bundleOf = ({ registrationId, signedIdentityKey, signedPreKey }: AuthenticationCreds) => ({
  registrationId,
  identityKey: withType(signedIdentityKey.public),
  signedPreKey: {
    keyId: signedPreKey.keyId,
    publicKey: withType(signedPreKey.keyPair.public),
    signature: signedPreKey.signature
  },
  preKey: { keyId: 1, publicKey: withType(Curve.generateKeyPair().public) }
})

/** The phone of one account: it opens what is sent to it and seals what it sends, with keys that only it has. */
export class Phone {
  readonly credentials = initAuthCreds()
  #preKeys = 0
  readonly #store = memory()
  readonly #repository

  constructor(readonly account: Account) {
    const keys = addTransactionCapability(this.#store, silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
    this.#repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      { creds: this.credentials, keys },
      silent,
      async () => []
    )
  }

  /** The keys of this phone, as the server hands them out to those who want to write to it. */
  keysNode(jid: string): BinaryNode {
    const { registrationId, signedIdentityKey, signedPreKey } = this.credentials
    const preKey = Curve.generateKeyPair()
    // Each is good for one conversation.
    this.#preKeys += 1
    void this.#store.set({ "pre-key": { [this.#preKeys]: preKey } })
    return {
      tag: "user",
      attrs: { jid },
      content: [
        { tag: "registration", attrs: {}, content: encodeBigEndian(registrationId) },
        { tag: "type", attrs: {}, content: Buffer.from([5]) },
        { tag: "identity", attrs: {}, content: Buffer.from(signedIdentityKey.public) },
        {
          tag: "key",
          attrs: {},
          content: [
            { tag: "id", attrs: {}, content: encodeBigEndian(this.#preKeys, 3) },
            { tag: "value", attrs: {}, content: Buffer.from(preKey.public) }
          ]
        },
        {
          tag: "skey",
          attrs: {},
          content: [
            { tag: "id", attrs: {}, content: encodeBigEndian(signedPreKey.keyId, 3) },
            { tag: "value", attrs: {}, content: Buffer.from(signedPreKey.keyPair.public) },
            { tag: "signature", attrs: {}, content: Buffer.from(signedPreKey.signature) }
          ]
        }
      ]
    }
  }

  async knows(device: string): Promise<boolean> {
    return (await this.#repository.validateSession(device)).exists
  }

  async meet(device: string, { identityKey, preKey, registrationId, signedPreKey }: Bundle): Promise<void> {
    await this.#repository.injectE2ESession({
      jid: device,
      session: {
        registrationId,
        identityKey: withType(identityKey),
        signedPreKey: { ...signedPreKey, publicKey: withType(signedPreKey.publicKey) },
        preKey: { ...preKey, publicKey: withType(preKey.publicKey) }
      }
    })
  }

  async seal(device: string, message: proto.IMessage): Promise<BinaryNode> {
    const data = encodeWAMessage(message)
    const { ciphertext, type } = await this.#repository.encryptMessage({ jid: device, data })
    return { tag: "enc", attrs: { v: "2", type }, content: ciphertext }
  }

  /** Sealed for a group: once for all who have the key, and the key for the device, which may not have it. */
  async sealIn(group: string, me: string, device: string, message: proto.IMessage): Promise<ReadonlyArray<BinaryNode>> {
    const data = encodeWAMessage(message)
    const sealed = await this.#repository.encryptGroupMessage({ group, meId: me, data })
    const key = await this.seal(device, {
      senderKeyDistributionMessage: {
        groupId: group,
        axolotlSenderKeyDistributionMessage: sealed.senderKeyDistributionMessage
      }
    })
    return [key, { tag: "enc", attrs: { v: "2", type: "skmsg" }, content: sealed.ciphertext }]
  }

  async open(device: string, { attrs, content }: BinaryNode): Promise<proto.Message> {
    const ciphertext = content instanceof Uint8Array ? content : Buffer.alloc(0)
    const type = attrs["type"] === "pkmsg" ? "pkmsg" : "msg"
    const plain = await this.#repository.decryptMessage({ jid: device, type, ciphertext })
    const message = proto.Message.decode(unpadRandomMax16(plain))
    if (message.senderKeyDistributionMessage) {
      const item = message.senderKeyDistributionMessage
      await this.#repository.processSenderKeyDistributionMessage({ authorJid: device, item })
    }
    return message
  }

  async openIn(group: string, device: string, { content }: BinaryNode): Promise<proto.Message> {
    const msg = content instanceof Uint8Array ? content : Buffer.alloc(0)
    const plain = await this.#repository.decryptGroupMessage({ group, authorJid: device, msg })
    return proto.Message.decode(unpadRandomMax16(plain))
  }
}
