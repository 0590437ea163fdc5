import {
  aesDecryptGCM,
  aesEncryptGCM,
  type BinaryNode,
  Curve,
  decodeBinaryNode,
  encodeBinaryNode,
  hkdf,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256
} from "@whiskeysockets/baileys"
import type { WebSocket } from "ws"

/** The keys that a server proves who it is with: a root that clients trust, and two certificates below it. */
export const identity = () => {
  const [root, intermediate, own] = [Curve.generateKeyPair(), Curve.generateKeyPair(), Curve.generateKeyPair()]
  const { Details } = proto.CertChain.NoiseCertificate
  const middle = Details.encode({ serial: 1, issuerSerial: 0, key: intermediate.public }).finish()
  const leaf = Details.encode({ serial: 2, issuerSerial: 1, key: own.public }).finish()
  const certificate = proto.CertChain.encode({
    intermediate: { details: middle, signature: Curve.sign(root.private, middle) },
    leaf: { details: leaf, signature: Curve.sign(intermediate.private, leaf) }
  }).finish()
  return { trusted: Buffer.from(root.public), own, certificate }
}
export type Identity = ReturnType<typeof identity>

/** What happens on one connection. */
export interface Peer {
  /** The handshake is done, and this is who the client says it is. */
  readonly hello: (payload: proto.ClientPayload) => void
  readonly node: (node: BinaryNode) => void
  readonly closed: () => void
}

export interface Line {
  readonly send: (node: BinaryNode) => void
  /** Bytes that are no frame of the protocol. */
  readonly sendGarbage: () => void
  readonly close: () => void
  /** Ends it without a word. */
  readonly cut: () => void
}

const none = Buffer.alloc(0)

const iv = (counter: number): Uint8Array => {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setUint32(8, counter)
  return bytes
}

/** The responder of Noise_XX_25519_AESGCM_SHA256, as WhatsApp speaks it over a WebSocket. */
export const accept = (socket: WebSocket, { certificate, own }: Identity, peerOf: (line: Line) => Peer): void => {
  let hash: Uint8Array = Buffer.from(NOISE_MODE)
  let [salt, key, counter] = [hash, hash, 0]
  let [sending, receiving, sent, received] = [none as Uint8Array, none as Uint8Array, 0, 0]
  const ephemeral = Curve.generateKeyPair()

  const mixHash = (data: Uint8Array) => {
    hash = sha256(Buffer.concat([hash, data]))
  }
  const mixKey = (secret: Uint8Array) => {
    const derived = hkdf(Buffer.from(secret), 64, { salt: Buffer.from(salt), info: "" })
    ;[salt, key, counter] = [derived.subarray(0, 32), derived.subarray(32), 0]
  }
  const sealed = (plain: Uint8Array) => {
    const result = aesEncryptGCM(plain, key, iv(counter++), hash)
    mixHash(result)
    return result
  }
  const opened = (cipher: Uint8Array) => {
    const result = aesDecryptGCM(cipher, key, iv(counter++), hash)
    mixHash(cipher)
    return result
  }
  const frame = (data: Uint8Array) => {
    const bytes = Buffer.alloc(3 + data.length)
    bytes.writeUIntBE(data.length, 0, 3)
    bytes.set(data, 3)
    if (socket.readyState === socket.OPEN) socket.send(bytes)
  }

  const line: Line = {
    send: (node) => frame(aesEncryptGCM(encodeBinaryNode(node), sending, iv(sent++), none)),
    sendGarbage: () => frame(Buffer.from("this was encrypted by nobody, and no key opens it")),
    close: () => socket.close(),
    cut: () => socket.terminate()
  }
  const peer = peerOf(line)

  const clientHello = (data: Uint8Array) => {
    const theirs = proto.HandshakeMessage.decode(data).clientHello?.ephemeral ?? none
    mixHash(NOISE_WA_HEADER)
    mixHash(theirs)
    mixHash(ephemeral.public)
    mixKey(Curve.sharedKey(ephemeral.private, theirs))
    const known = sealed(own.public)
    mixKey(Curve.sharedKey(own.private, theirs))
    const payload = sealed(certificate)
    frame(
      proto.HandshakeMessage.encode({ serverHello: { ephemeral: ephemeral.public, static: known, payload } }).finish()
    )
  }
  const clientFinish = (data: Uint8Array) => {
    const finish = proto.HandshakeMessage.decode(data).clientFinish
    mixKey(Curve.sharedKey(ephemeral.private, opened(finish?.static ?? none)))
    const payload = proto.ClientPayload.decode(opened(finish?.payload ?? none))
    const derived = hkdf(none, 64, { salt: Buffer.from(salt), info: "" })
    ;[receiving, sending] = [derived.subarray(0, 32), derived.subarray(32)]
    peer.hello(payload)
  }

  let stage = 0
  const onFrame = async (data: Uint8Array) => {
    stage += 1
    if (stage === 1) return clientHello(data)
    if (stage === 2) return clientFinish(data)
    peer.node(await decodeBinaryNode(aesDecryptGCM(data, receiving, iv(received++), none)))
  }

  let bytes = Buffer.alloc(0)
  let introduced = false
  let last: Promise<void> = Promise.resolve()
  const read = async (data: Buffer) => {
    bytes = Buffer.concat([bytes, data])
    if (!introduced) {
      if (bytes.length < NOISE_WA_HEADER.length) return
      bytes = bytes.subarray(NOISE_WA_HEADER.length)
      introduced = true
    }
    while (bytes.length >= 3 && bytes.length >= bytes.readUIntBE(0, 3) + 3) {
      const length = bytes.readUIntBE(0, 3)
      const data = bytes.subarray(3, 3 + length)
      bytes = bytes.subarray(3 + length)
      await onFrame(data)
    }
  }
  socket.on("message", (data: Buffer) => {
    last = last.then(() => read(data)).catch(() => socket.terminate())
  })
  socket.on("close", () => peer.closed())
  socket.on("error", () => {})
}
