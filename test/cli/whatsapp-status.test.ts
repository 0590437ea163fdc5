import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WhatsAppServer from "../support/whatsapp-server.js"
import { user, type User } from "./command.js"
import { environmentOf, login, printedStatus } from "./running.js"

/** Asks until the channel is in this state, and answers with what the command then said. */
const statusWhen = (someone: User, state: string) =>
  Effect.repeat(
    Effect.gen(function* () {
      const { status, stderr, stdout } = yield* someone.run(["status", "--json"])
      const [channel] = printedStatus(stdout).channels
      return { status, stderr, channel }
    }),
    { until: ({ channel }) => channel?.state === state }
  )

describe("warelay status of a relay with WhatsApp", () => {
  it.scopedLive("says whether it is connected, and if not, why, and whether it tries again by itself", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const someone = yield* user
      const env = { ...environmentOf(whatsapp), WARELAY_AGENT_ECHO: "true" }
      assert.strictEqual((yield* login(someone, whatsapp)).status, 0)

      const relay = yield* someone.start(["relay"], { env })
      yield* relay.says("WhatsApp: receiving as …1111")
      const connected = yield* statusWhen(someone, "receiving")
      assert.include(connected, { status: 0, stderr: "" })
      assert.strictEqual(connected.channel?.channel, "whatsapp")

      yield* whatsapp.refuse(503)
      yield* whatsapp.cut
      const lost = yield* statusWhen(someone, "failing")
      assert.strictEqual(lost.status, 1)
      assert.match(lost.stderr, /^error: not every channel receives\. whatsapp does not receive: .+\n$/)
      assert.property(lost.channel, "again")

      yield* whatsapp.refuse(undefined)
      assert.include(yield* statusWhen(someone, "receiving"), { status: 0, stderr: "" })

      yield* whatsapp.removeDevice
      const out = yield* statusWhen(someone, "failing")
      assert.match(out.stderr, /whatsapp does not receive: WhatsApp has logged this device out.*warelay login/)
      assert.notProperty(out.channel, "again")
    })
  )
})
