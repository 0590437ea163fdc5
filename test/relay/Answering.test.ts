import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TurnError } from "../../src/agent/Turns.js"
import { answer } from "../../src/relay/Answering.js"
import { SessionChanged } from "../../src/session/SessionStore.js"
import { DocumentUnreadable, FileBusy, StorageFailed } from "../../src/storage/StorageError.js"
import * as TestChannel from "../support/channel.js"
import { withLogs } from "../support/logs.js"

const speaker = { provider: "whatsapp" as const, name: Option.none(), account: "+1234567890" }

const errors: ReadonlyArray<TurnError> = [
  new SessionChanged({ key: "+1234567890" }),
  new StorageFailed({ file: "/home/me/sessions.json", doing: "saving", code: "ENOSPC", state: "unchanged" }),
  new FileBusy({ file: "/home/me/sessions.json", lock: "/home/me/sessions.json.lock" }),
  new DocumentUnreadable({ file: "/home/me/sessions.json", reason: "expected a comma" })
]

describe("answer", () => {
  it.scoped("of trouble with the relay's files the sender learns that there is some, and the log what", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("whatsapp")
      const message = TestChannel.direct("whatsapp", "+1234567890", "Hello")
      for (const error of errors) {
        yield* withLogs((lines) =>
          Effect.gen(function* () {
            const { text } = yield* answer({ run: () => Effect.fail(error) }, channel, speaker, message)
            assert.match(text, /^I cannot get at our conversation right now: .* Please try again later\.$/)
            assert.notMatch(text, /home|json|890/)
            assert.lengthOf(lines, 1)
            assert.include(lines[0], "no answer to whatsapp, …7890: ")
            assert.notInclude(lines[0], "1234567890")
            assert.match(lines[0] ?? "", /sessions\.json/)
          })
        )
      }
    })
  )
})
