import { addTransactionCapability, initAuthCreds, type SignalDataSet } from "@whiskeysockets/baileys"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { arrivals, handingOver } from "../../../src/channels/whatsapp/WhatsAppHandover.js"
import { bundleOf, memory, silent } from "../../support/whatsapp-person.js"

const somebody = "1234567890@s.whatsapp.net"

const setup = () => {
  const keys = addTransactionCapability(memory(), silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  const kept: Array<ReadonlyArray<string>> = []
  const keep = (data: SignalDataSet) => void kept.push(Object.keys(data["session"] ?? {}))
  let sending = true
  const way = { wasAccepted: () => false, accept: () => Promise.resolve(), keep, isSending: () => sending }
  const makeRepository = handingOver(arrivals(), () => ["", ""], way)
  const repeat = () => {
    sending = false
  }
  return { keys, kept, repeat, repository: makeRepository({ creds: initAuthCreds(), keys }, silent, async () => []) }
}

describe("the keys of a conversation", () => {
  it("are kept before a sealed message is given out, though all is kept together at the end", async () => {
    const { kept, keys, repository } = setup()
    await keys.transaction(async () => {
      await repository.injectE2ESession({ jid: somebody, session: bundleOf(initAuthCreds()) })
      deepStrictEqual(kept, [])
      await repository.encryptMessage({ jid: somebody, data: Buffer.from("hello") })
      deepStrictEqual(kept, [["1234567890.0"]])
    }, "all of it")
  })

  it("stay as they are when Baileys begins a session with the same device again, but not when it repeats a message, or it is another device", async () => {
    const { repeat, repository } = setup()
    const credentials = initAuthCreds()
    const begin = async (registrationId: number) => {
      await repository.injectE2ESession({ jid: somebody, session: bundleOf({ ...credentials, registrationId }) })
      return (await repository.getSessionInfo(somebody))?.baseKey
    }
    const first = await begin(1)
    deepStrictEqual(await begin(1), first)
    const other = await begin(2)
    assert.notDeepEqual(other, first)
    repeat()
    assert.notDeepEqual(await begin(2), other)
  })
})
