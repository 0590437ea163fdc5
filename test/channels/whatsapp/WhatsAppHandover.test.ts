import { addTransactionCapability, initAuthCreds, type SignalDataSet } from "@whiskeysockets/baileys"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { arrivals, handingOver } from "../../../src/channels/whatsapp/WhatsAppHandover.js"
import { bundleOf, memory, silent } from "../../support/whatsapp-person.js"

const somebody = "1234567890@s.whatsapp.net"

describe("the keys of a conversation", () => {
  it("are kept before a sealed message is given out, though all is kept together at the end", async () => {
    const keys = addTransactionCapability(memory(), silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
    const kept: Array<ReadonlyArray<string>> = []
    const keep = (data: SignalDataSet) => void kept.push(Object.keys(data["session"] ?? {}))
    const makeRepository = handingOver(
      arrivals(),
      () => ["", ""],
      () => Promise.resolve(),
      keep
    )
    const repository = makeRepository({ creds: initAuthCreds(), keys }, silent, async () => [])
    await keys.transaction(async () => {
      await repository.injectE2ESession({ jid: somebody, session: bundleOf(initAuthCreds()) })
      deepStrictEqual(kept, [])
      await repository.encryptMessage({ jid: somebody, data: Buffer.from("hello") })
      deepStrictEqual(kept, [["1234567890.0"]])
    }, "all of it")
  })
})
