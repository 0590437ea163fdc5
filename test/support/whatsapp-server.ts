import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getBinaryNodeChildren,
  hkdf,
  hmacSign,
  jidDecode,
  proto,
  WA_CERT_DETAILS
} from "@whiskeysockets/baileys"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import { WebSocketServer } from "ws"
import { accept, identity, type Line, type Peer } from "./whatsapp-noise.js"
import { type Account, type Bundle, jid, lid, Phone } from "./whatsapp-person.js"

/**
 * WhatsApp on the loopback interface, for tests: the servers, one account with its phone, and everybody who writes to
 * it. The client is the real one, and so are handshake, keys and ciphers; what is linked, sent and opened here could
 * not be by anybody without the keys. As the original does, it keeps a message until the device says that it has it,
 * and delivers it again when the device connects.
 *
 *     const whatsapp = yield* WhatsAppServer.make()
 *     // point the relay at whatsapp.url, let it log in, whatsapp.scan the code, then:
 *     yield* whatsapp.say(john, "Hello")
 *     const { sent } = yield* whatsapp.until(({ sent }) => sent.length === 1)
 */
export interface WhatsAppServer {
  /** The value for `whatsapp.url`. */
  readonly url: string
  /** The root that a client in another process has to trust, in hexadecimal digits. */
  readonly root: string
  readonly account: Account
  /** The account's phone scans the QR code that the device shows. */
  readonly scan: (code: string) => Effect.Effect<void>
  /** The account's owner types the pairing code of the device on the phone. */
  readonly typeCode: (code: string) => Effect.Effect<void>
  /** The device is removed on the phone. */
  readonly removeDevice: Effect.Effect<void>
  /** Somebody writes to the account; answers the message's id. */
  readonly say: (from: Account, text: string, how?: How) => Effect.Effect<string>
  /** The same with any message. */
  readonly push: (from: Account, message: proto.IMessage, how?: How) => Effect.Effect<string>
  /** Somebody writes in a group of which the account is a member. */
  readonly pushIn: (group: Group, from: Account, message: proto.IMessage, how?: How) => Effect.Effect<string>
  /** The server delivers a message once more, as it does when it has not seen that it was received. */
  readonly again: (id: string) => Effect.Effect<void>
  /** The account's owner writes to somebody on the phone. */
  readonly sayFromPhone: (to: Account, text: string) => Effect.Effect<string>
  /** Any stanza. */
  readonly send: (node: BinaryNode) => Effect.Effect<void>
  /** The stream ends with an error, as before a restart (515) or when another device takes over (440). */
  readonly endStream: (code: number, reason?: string) => Effect.Effect<void>
  /** The connection is cut without a word. */
  readonly cut: Effect.Effect<void>
  /** What is no frame arrives on the connection. */
  readonly sendGarbage: Effect.Effect<void>
  /** From now on connections are refused in the handshake with this number and whatever else is said of it; undefined ends that. */
  readonly refuse: (reason: number | undefined, more?: BinaryNode["attrs"]) => Effect.Effect<void>
  /** The next messages of the device get these answers, one each: an error number, or none at all. */
  readonly decline: (...answers: ReadonlyArray<number | "silence">) => Effect.Effect<void>
  /** From now on questions of this kind, by the tag of what is asked, get no answer. */
  readonly ignore: (tag: string) => Effect.Effect<void>
  readonly seen: Effect.Effect<Seen>
  /** Waits, without a clock, until what the server has seen is so. */
  readonly until: (holds: (seen: Seen) => boolean) => Effect.Effect<Seen>
}

export interface How {
  readonly id?: string
  /** What the message names its author by, and whether the server says the other name as well. */
  readonly by?: "phone" | "lid" | "phone alone" | "lid alone"
}

export interface Group {
  readonly id: string
  readonly members: ReadonlyArray<Account>
}

/** A message that the device has sent, and one of those that it was for could open. */
export interface Sent {
  readonly id: string
  readonly to: string
  readonly text: string
  /** Who could open it; the account's own phone, too. */
  readonly openedBy: ReadonlyArray<string>
}

/** What the server has seen so far. */
export interface Seen {
  readonly connections: number
  readonly open: boolean
  /** The device has said that it is ready for messages. */
  readonly active: boolean
  /** Logins of a device that was linked. */
  readonly logins: number
  readonly linked: boolean
  /** The device waits for its pairing code to be typed on the phone. */
  readonly asksForCode: boolean
  /** The messages of which the device has said that it has them, by id, and which it could not open. */
  readonly received: ReadonlyArray<string>
  readonly refused: ReadonlyArray<string>
  readonly read: ReadonlyArray<string>
  readonly waiting: ReadonlyArray<string>
  readonly sent: ReadonlyArray<Sent>
  /** The chats in which "typing" was shown, once for each time. */
  readonly typing: ReadonlyArray<string>
  readonly presence: ReadonlyArray<string>
  readonly preKeys: number
}

export const john: Account = { phone: "1234567890", lid: "99887766554433" }
export const mary: Account = { phone: "4915112345678", lid: "77665544332211" }
/** Somebody of whom WhatsApp gives away no more than the LID. */
export const stranger: Account = { phone: "33612345678", lid: "55443322110099" }

const owner: Account = { phone: "15550001111", lid: "22334455667788" }
const device = 3
/** The device, as everybody knows it who writes to it or hears from it. */
const relay = `${owner.phone}:${device}@s.whatsapp.net`

interface Waiting {
  readonly id: string
  readonly node: BinaryNode
}

/** The device, as far as the server knows it. */
interface Device {
  readonly registrationId: number
  readonly identityKey: Uint8Array
  readonly signedPreKey: Bundle["signedPreKey"]
  preKeys: Array<Bundle["preKey"]>
}

const bytes = (data: Uint8Array | null | undefined): Buffer => Buffer.from(data ?? [])
const number = (data: Uint8Array | null | undefined): number => bytes(data).reduce((all, byte) => all * 256 + byte, 0)
const child = (node: BinaryNode | undefined, tag: string) => getBinaryNodeChild(node, tag)
const content = (node: BinaryNode | undefined, tag: string): Buffer => bytes(getBinaryNodeChildBuffer(node, tag))
const seconds = "1700000000"

class Behaviour {
  constructor(readonly preKeys: number) {}

  readonly phones = new Map<string, Phone>()
  readonly phone = new Phone(owner)
  line: Line | undefined
  /** The connection on which the device has said that it is ready. */
  active: Line | undefined
  device: Device | undefined
  linked = false
  refusal: readonly [reason: number, more: BinaryNode["attrs"]] | undefined
  /** What the server could not make sense of; a test that waits for something ends with it. */
  problem: unknown
  answers: Array<number | "silence"> = []
  readonly ignored = new Set<string>()
  waiting: Array<Waiting> = []
  readonly delivered = new Map<string, BinaryNode>()
  pairing: { wrapped: Buffer; reference: Buffer; ephemeral: ReturnType<typeof Curve.generateKeyPair> } | undefined
  companion: Buffer | undefined
  readonly groups = new Map<string, Group>()
  readonly watchers = new Set<() => void>()
  readonly counted = { connections: 0, logins: 0 }
  readonly received: Array<string> = []
  readonly refused: Array<string> = []
  readonly read: Array<string> = []
  readonly sent: Array<Sent> = []
  readonly typing: Array<string> = []
  readonly presence: Array<string> = []
  #ids = 0
  #last: Promise<void> = Promise.resolve()

  seen(): Seen {
    const { linked, presence, read, received, refused, sent, typing } = this
    return {
      ...this.counted,
      open: this.line !== undefined,
      active: this.line !== undefined && this.line === this.active,
      linked,
      asksForCode: this.pairing !== undefined,
      received: [...received],
      refused: [...refused],
      read: [...read],
      waiting: this.waiting.map(({ id }) => id),
      sent: [...sent],
      typing: [...typing],
      presence: [...presence],
      preKeys: this.device?.preKeys.length ?? 0
    }
  }

  changed(): void {
    for (const watcher of [...this.watchers]) watcher()
  }

  /** One after another, in the order in which it was asked for. */
  inOrder<A>(work: () => Promise<A>): Promise<A> {
    const result = this.#last.then(work)
    this.#last = result.then(
      () => this.changed(),
      (error) => {
        this.problem = error
        this.changed()
      }
    )
    return result
  }

  phoneOf(account: Account): Phone {
    const known = this.phones.get(account.phone) ?? new Phone(account)
    this.phones.set(account.phone, known)
    return known
  }

  /** Whose phone it is that a JID names; new people are met under either of their names. */
  find(name: string): Phone | undefined {
    const { server, user } = jidDecode(name) ?? {}
    const everybody = [
      this.phone,
      ...[john, mary, stranger].map((account) => this.phoneOf(account)),
      ...this.phones.values()
    ]
    return everybody.find(({ account }) => user === (server === "lid" ? account.lid : account.phone))
  }

  connect(line: Line): Peer {
    this.counted.connections += 1
    this.line = line
    this.changed()
    return {
      hello: (payload) => this.hello(line, payload),
      node: (node) => {
        this.inOrder(() => this.answer(line, node)).catch(() => {})
      },
      closed: () => {
        if (this.line === line) this.line = undefined
        this.changed()
      }
    }
  }

  hello(line: Line, { device: number_, devicePairingData, username }: proto.ClientPayload): void {
    if (this.refusal !== undefined) return this.fail(line, ...this.refusal)
    if (devicePairingData) {
      this.device = {
        registrationId: number(devicePairingData.eRegid),
        identityKey: bytes(devicePairingData.eIdent),
        signedPreKey: {
          keyId: number(devicePairingData.eSkeyId),
          publicKey: bytes(devicePairingData.eSkeyVal),
          signature: bytes(devicePairingData.eSkeySig)
        },
        preKeys: []
      }
      const refs = Array.from(
        { length: 6 },
        (_, index): BinaryNode => ({
          tag: "ref",
          attrs: {},
          content: Buffer.from(`2@reference-${index}`)
        })
      )
      line.send(this.ask([{ tag: "pair-device", attrs: {}, content: refs }]))
    } else if (!this.linked || `${username}` !== owner.phone || number_ !== device) {
      this.fail(line, 401)
    } else {
      this.counted.logins += 1
      line.send({ tag: "success", attrs: { t: seconds, lid: `${owner.lid}:${device}@lid` } })
    }
    this.changed()
  }

  fail(line: Line, reason: number, more: BinaryNode["attrs"] = {}): void {
    line.send({ tag: "failure", attrs: { reason: `${reason}`, location: "loopback", ...more } })
  }

  ask(content: Array<BinaryNode>): BinaryNode {
    return {
      tag: "iq",
      attrs: { id: `server-${++this.#ids}`, type: "set", from: "s.whatsapp.net", xmlns: "md" },
      content
    }
  }

  endStream(code: number, reason: string): void {
    this.line?.send({ tag: "stream:error", attrs: { code: `${code}` }, content: [{ tag: reason, attrs: {} }] })
    this.line?.close()
  }

  /** What came while the device was away, and then word that this was all. */
  deliverWaiting(line: Line): void {
    this.active = line
    for (const { node } of this.waiting) line.send({ ...node, attrs: { ...node.attrs, offline: "0" } })
    const offline: BinaryNode = { tag: "offline", attrs: { count: `${this.waiting.length}` } }
    line.send({ tag: "ib", attrs: { from: "s.whatsapp.net" }, content: [offline] })
  }

  async answer(line: Line, node: BinaryNode): Promise<void> {
    const { attrs, tag } = node
    switch (tag) {
      case "iq":
        return this.query(line, node)
      case "message":
        return this.take(line, node)
      case "receipt":
      case "ack": {
        const id = attrs["id"] ?? ""
        if (attrs["type"] === "read" || attrs["type"] === "read-self") this.read.push(id)
        else if (this.waiting.some((one) => one.id === id)) {
          const failed = attrs["error"] !== undefined || attrs["type"] === "retry"
          if (failed) this.refused.push(id)
          else this.received.push(id)
          this.waiting = this.waiting.filter((one) => one.id !== id)
        }
        return
      }
      case "chatstate":
        if (child(node, "composing")) this.typing.push(attrs["to"] ?? "")
        return
      case "presence":
        this.presence.push(attrs["type"] ?? "")
    }
  }

  async query(line: Line, node: BinaryNode): Promise<void> {
    const reply = (content?: Array<BinaryNode>) =>
      line.send({
        tag: "iq",
        attrs: { id: node.attrs["id"] ?? "", type: "result", from: node.attrs["to"] ?? "s.whatsapp.net" },
        ...(content && { content })
      })
    const [asked] = Array.isArray(node.content) ? node.content : []
    if (asked !== undefined && this.ignored.has(asked.tag)) return
    switch (asked?.tag) {
      case "count":
        return reply([{ tag: "count", attrs: { value: `${this.device?.preKeys.length || this.preKeys}` } }])
      case "registration": {
        const keys = getBinaryNodeChildren(child(node, "list"), "key")
        const read = keys.map((key) => ({ keyId: number(content(key, "id")), publicKey: content(key, "value") }))
        if (this.device) this.device.preKeys = [...this.device.preKeys, ...read]
        return reply()
      }
      case "digest":
        return reply([{ tag: "digest", attrs: {} }])
      case "active":
        reply()
        return this.deliverWaiting(line)
      case "usync":
        return reply([this.users(asked)])
      case "key": {
        const users = getBinaryNodeChildren(asked, "user").flatMap(({ attrs: { jid = "" } }) => {
          const phone = this.find(jid)
          return phone === undefined ? [] : [phone.keysNode(jid)]
        })
        return reply([{ tag: "list", attrs: {}, content: users }])
      }
      case "query":
        return this.describe(node.attrs["to"] ?? "", line, reply, node)
      case "privacy":
        return reply([
          { tag: "privacy", attrs: {}, content: [{ tag: "category", attrs: { name: "readreceipts", value: "all" } }] }
        ])
      case "pair-device-sign":
        reply()
        this.linked = true
        return this.endStream(515, "restart")
      case "link_code_companion_reg":
        return this.pairByCode(asked, reply)
      case "remove-companion-device":
        this.linked = false
        reply()
        return this.endStream(401, "conflict")
      default:
        return reply()
    }
  }

  /** The devices and the LIDs of people. */
  users(asked: BinaryNode): BinaryNode {
    const list = getBinaryNodeChildren(child(asked, "list"), "user").flatMap(({ attrs }): Array<BinaryNode> => {
      const name = attrs["jid"] ?? ""
      const phone = this.find(name)
      if (phone === undefined) return []
      const devices: BinaryNode = {
        tag: "devices",
        attrs: {},
        content: [{ tag: "device-list", attrs: {}, content: [{ tag: "device", attrs: { id: "0" } }] }]
      }
      const lidNode: BinaryNode = { tag: "lid", attrs: { val: lid(phone.account) } }
      return [{ tag: "user", attrs: { jid: name }, content: [devices, lidNode] }]
    })
    return { tag: "usync", attrs: {}, content: [{ tag: "list", attrs: {}, content: list }] }
  }

  describe(name: string, line: Line, reply: (content?: Array<BinaryNode>) => void, asked: BinaryNode): void {
    const group = this.groups.get(name)
    if (group === undefined) {
      return line.send({
        tag: "iq",
        attrs: { id: asked.attrs["id"] ?? "", type: "error", from: name },
        content: [{ tag: "error", attrs: { code: "403", text: "forbidden" } }]
      })
    }
    const participants = [owner, ...group.members].map(
      (member): BinaryNode => ({ tag: "participant", attrs: { jid: lid(member), phone_number: jid(member) } })
    )
    reply([
      {
        tag: "group",
        attrs: {
          id: name.replace(/@.*/, ""),
          subject: "Family",
          creation: seconds,
          s_t: seconds,
          addressing_mode: "lid"
        },
        content: participants
      }
    ])
  }

  async take(line: Line, node: BinaryNode): Promise<void> {
    const { id = "", to = "" } = node.attrs
    const answer = this.answers.shift()
    const opened: Array<{ readonly by: string; readonly message: proto.IMessage }> = []
    const parts = getBinaryNodeChildren(child(node, "participants"), "to")
    for (const part of parts) {
      const phone = this.find(part.attrs["jid"] ?? "")
      const enc = child(part, "enc")
      if (phone === undefined || enc === undefined) continue
      const message = await phone.open(relay, enc)
      if (!message.senderKeyDistributionMessage) opened.push({ by: phone.account.phone, message })
    }
    const sealed = child(node, "enc")
    for (const member of sealed === undefined ? [] : (this.groups.get(to)?.members ?? [])) {
      if (sealed) opened.push({ by: member.phone, message: await this.phoneOf(member).openIn(to, relay, sealed) })
    }
    const texts = opened.map(({ message }) => {
      const said = message.deviceSentMessage?.message ?? message
      return said.conversation || said.extendedTextMessage?.text || ""
    })
    if (new Set(texts).size > 1) throw new Error("not everybody was sent the same")
    if (typeof answer !== "number") {
      this.sent.push({ id, to, text: texts[0] ?? "", openedBy: opened.map(({ by }) => by) })
    }
    if (answer === "silence") return
    const error = answer === undefined ? {} : { error: `${answer}` }
    line.send({ tag: "ack", attrs: { class: "message", id, from: to, t: seconds, ...error } })
  }

  /** The phone vouches for the device, with a secret that the device has shown or that both have agreed on. */
  pair(secret: Uint8Array): void {
    const { identityKey } = this.device ?? { identityKey: Buffer.alloc(0) }
    const keys = this.phone.credentials.signedIdentityKey
    const details = proto.ADVDeviceIdentity.encode({ rawId: 1, timestamp: 1700000000, keyIndex: 1 }).finish()
    const signed = Buffer.concat([Buffer.from([6, 0]), details, identityKey])
    const account = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: keys.public,
      accountSignature: Curve.sign(keys.private, signed)
    }).finish()
    const hmac = hmacSign(Buffer.from(account), bytes(secret))
    this.line?.send(
      this.ask([
        {
          tag: "pair-success",
          attrs: {},
          content: [
            {
              tag: "device-identity",
              attrs: {},
              content: proto.ADVSignedDeviceIdentityHMAC.encode({ details: account, hmac }).finish()
            },
            { tag: "platform", attrs: { name: "android" } },
            {
              tag: "device",
              attrs: { jid: relay, lid: `${owner.lid}:${device}@lid` }
            }
          ]
        }
      ])
    )
  }

  scan(code: string): void {
    const [, , , secret = ""] = code.slice(code.indexOf("#") + 1).split(",")
    this.pair(Buffer.from(secret, "base64"))
  }

  pairByCode(asked: BinaryNode, reply: (content?: Array<BinaryNode>) => void): void {
    const reference = Buffer.from("the reference of the code")
    if (asked.attrs["stage"] === "companion_hello") {
      const wrapped = content(asked, "link_code_pairing_wrapped_companion_ephemeral_pub")
      this.pairing = { wrapped, reference, ephemeral: Curve.generateKeyPair() }
      return reply([
        {
          tag: "link_code_companion_reg",
          attrs: {},
          content: [{ tag: "link_code_pairing_ref", attrs: {}, content: reference }]
        }
      ])
    }
    reply()
    if (this.pairing === undefined || this.companion === undefined) return
    const bundle = content(asked, "link_code_pairing_wrapped_key_bundle")
    const theirs = content(asked, "companion_identity_public")
    const keys = this.phone.credentials.signedIdentityKey
    const shared = bytes(Curve.sharedKey(this.pairing.ephemeral.private, this.companion))
    const info = "link_code_pairing_key_bundle_encryption_key"
    const key = hkdf(shared, 32, { salt: bundle.subarray(0, 32), info })
    let opened: Buffer
    try {
      opened = aesDecryptGCM(bundle.subarray(44), key, bundle.subarray(32, 44), Buffer.alloc(0))
    } catch {
      // Another code was typed than the device has shown. Nobody tries again, and the server gives up.
      return this.endStream(408, "timeout")
    }
    const agreed = bytes(Curve.sharedKey(keys.private, theirs))
    this.pair(hkdf(Buffer.concat([shared, agreed, opened.subarray(64)]), 32, { info: "adv_secret" }))
  }

  async typeCode(code: string): Promise<void> {
    if (this.pairing === undefined) throw new Error("no device waits for a code")
    const { ephemeral, reference, wrapped } = this.pairing
    const key = await derivePairingCodeKey(code, wrapped.subarray(0, 32))
    this.companion = aesDecryptCTR(wrapped.subarray(48), key, wrapped.subarray(32, 48))
    const [salt, iv] = [randomBytes(32), randomBytes(16)]
    const ours = aesEncryptCTR(ephemeral.public, await derivePairingCodeKey(code, salt), iv)
    this.line?.send({
      tag: "notification",
      attrs: { id: `n-${++this.#ids}`, type: "link_code_companion_reg", from: "s.whatsapp.net", t: seconds },
      content: [
        {
          tag: "link_code_companion_reg",
          attrs: { stage: "primary_hello" },
          content: [
            { tag: "link_code_pairing_ref", attrs: {}, content: reference },
            {
              tag: "primary_identity_pub",
              attrs: {},
              content: bytes(this.phone.credentials.signedIdentityKey.public)
            },
            {
              tag: "link_code_pairing_wrapped_primary_ephemeral_pub",
              attrs: {},
              content: Buffer.concat([salt, iv, ours])
            }
          ]
        }
      ]
    })
  }

  /** Takes a message to the device, now if it is there, and again until it says that it has it. */
  enqueue(id: string, node: BinaryNode): void {
    this.waiting.push({ id, node })
    this.delivered.set(id, node)
    if (this.active === this.line) this.line?.send(node)
  }

  async bundled(phone: Phone, name: string): Promise<void> {
    if (this.device === undefined || (await phone.knows(name))) return
    const [preKey, ...rest] = this.device.preKeys
    if (preKey === undefined) throw new Error("the device has given no keys")
    this.device.preKeys = rest
    await phone.meet(name, { ...this.device, preKey })
  }

  nextId(): string {
    return `3EB0${(++this.#ids).toString(16).padStart(18, "0").toUpperCase()}`
  }

  names(account: Account, by: How["by"] = "phone"): readonly [string, string | undefined, "pn" | "lid"] {
    if (by === "phone" || by === "phone alone") return [jid(account), by === "phone" ? lid(account) : undefined, "pn"]
    return [lid(account), by === "lid" ? jid(account) : undefined, "lid"]
  }

  async push(from: Account, message: proto.IMessage, { by, id = this.nextId() }: How): Promise<string> {
    const phone = this.phoneOf(from)
    await this.bundled(phone, relay)
    const [name, other, mode] = this.names(from, by)
    const alt = other === undefined ? {} : mode === "lid" ? { sender_pn: other } : { sender_lid: other }
    const attrs = { id, from: name, type: "text", t: seconds, notify: "Somebody", addressing_mode: mode, ...alt }
    this.enqueue(id, { tag: "message", attrs, content: [await phone.seal(relay, message)] })
    return id
  }

  async pushIn(group: Group, from: Account, message: proto.IMessage, { by = "lid", id = this.nextId() }: How) {
    this.groups.set(group.id, group)
    const phone = this.phoneOf(from)
    await this.bundled(phone, relay)
    const [name, other, mode] = this.names(from, by)
    const alt = other === undefined ? {} : mode === "lid" ? { participant_pn: other } : { participant_lid: other }
    const attrs = { id, from: group.id, participant: name, type: "text", t: seconds, addressing_mode: mode, ...alt }
    this.enqueue(id, { tag: "message", attrs, content: [...(await phone.sealIn(group.id, name, relay, message))] })
    return id
  }

  async sayFromPhone(account: Account, text: string): Promise<string> {
    await this.bundled(this.phone, relay)
    const id = this.nextId()
    const attrs = { id, from: jid(owner), recipient: jid(account), type: "text", t: seconds }
    const message = { deviceSentMessage: { destinationJid: jid(account), message: { conversation: text } } }
    this.enqueue(id, { tag: "message", attrs, content: [await this.phone.seal(relay, message)] })
    return id
  }
}

const served = (behaviour: Behaviour) =>
  Effect.acquireRelease(
    Effect.async<{ readonly sockets: WebSocketServer; readonly url: string; readonly root: string }>((resume) => {
      const known = identity()
      // The client trusts one root only. In this process it is ours.
      const before = WA_CERT_DETAILS.PUBLIC_KEY
      WA_CERT_DETAILS.PUBLIC_KEY = known.trusted
      const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" })
      sockets.on("close", () => {
        WA_CERT_DETAILS.PUBLIC_KEY = before
      })
      sockets.on("connection", (socket) => accept(socket, known, (line) => behaviour.connect(line)))
      sockets.on("listening", () => {
        const address = sockets.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ sockets, url: `ws://127.0.0.1:${port}/ws/chat`, root: known.trusted.toString("hex") }))
      })
    }),
    ({ sockets }) =>
      Effect.async<void>((resume) => {
        for (const socket of sockets.clients) socket.terminate()
        sockets.close(() => resume(Effect.void))
      })
  )

export interface Options {
  /** How many one-time keys the server says it has of a new device. If it is none, the device makes 812, which takes a second. */
  readonly preKeys?: number
}

export const make = ({ preKeys = 1 }: Options = {}): Effect.Effect<WhatsAppServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const behaviour = new Behaviour(preKeys)
    const { root, url } = yield* served(behaviour)
    const now = (change: () => void) =>
      Effect.sync(() => {
        change()
        behaviour.changed()
      })
    const later = <A>(work: () => Promise<A>) => Effect.promise(() => behaviour.inOrder(work))
    const until: WhatsAppServer["until"] = (holds) =>
      Effect.gen(function* () {
        const held = yield* Deferred.make<Seen>()
        const watcher = () => {
          if (behaviour.problem !== undefined) Deferred.unsafeDone(held, Effect.die(behaviour.problem))
          const seen = behaviour.seen()
          if (holds(seen)) Deferred.unsafeDone(held, Effect.succeed(seen))
        }
        behaviour.watchers.add(watcher)
        watcher()
        return yield* Effect.ensuring(
          Deferred.await(held),
          Effect.sync(() => behaviour.watchers.delete(watcher))
        )
      })
    return {
      url,
      root,
      account: owner,
      scan: (code) => now(() => behaviour.scan(code)),
      typeCode: (code) =>
        Effect.zipRight(
          until(({ asksForCode }) => asksForCode),
          later(() => behaviour.typeCode(code))
        ),
      removeDevice: now(() => {
        behaviour.linked = false
        behaviour.endStream(401, "conflict")
      }),
      say: (from, text, how = {}) => later(() => behaviour.push(from, { conversation: text }, how)),
      push: (from, message, how = {}) => later(() => behaviour.push(from, message, how)),
      pushIn: (group, from, message, how = {}) => later(() => behaviour.pushIn(group, from, message, how)),
      again: (id) =>
        now(() => {
          const node = behaviour.delivered.get(id)
          if (node !== undefined) behaviour.enqueue(id, node)
        }),
      sayFromPhone: (to, text) => later(() => behaviour.sayFromPhone(to, text)),
      send: (node) => now(() => behaviour.line?.send(node)),
      endStream: (code, reason = "error") => now(() => behaviour.endStream(code, reason)),
      cut: now(() => behaviour.line?.cut()),
      sendGarbage: now(() => behaviour.line?.sendGarbage()),
      refuse: (reason, more = {}) =>
        now(() => {
          behaviour.refusal = reason === undefined ? undefined : [reason, more]
        }),
      decline: (...answers) => now(() => behaviour.answers.push(...answers)),
      ignore: (tag) => now(() => void behaviour.ignored.add(tag)),
      seen: Effect.sync(() => behaviour.seen()),
      until
    }
  })
