import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as AgentErrors from "../../src/agent/AgentError.js"

const command = "/opt/inside/claude"
const reason = "the inner reason"
const errors: ReadonlyArray<AgentErrors.AgentError> = [
  new AgentErrors.AgentNotFound({ command }),
  new AgentErrors.AgentNotStarted({ command, reason }),
  new AgentErrors.AgentExited({ command, status: 3, reason }),
  new AgentErrors.AgentReportedError({ command, reason }),
  new AgentErrors.ConversationTooLong({ command, reason }),
  new AgentErrors.AgentTimedOut({ command, seconds: 600 }),
  new AgentErrors.AgentAnswerEmpty({ command }),
  new AgentErrors.AgentOutputUnreadable({ command, bytes: 12 }),
  new AgentErrors.AgentOutputTooLong({ command, bytes: 12 }),
  new AgentErrors.SessionHeld({ file: "/home/inside/locks/ab12.lock", seconds: 600 })
]

describe("an agent's error", () => {
  it("is one of those that are listed here", () => {
    assert.sameMembers(
      errors.map(({ _tag }) => _tag),
      AgentErrors.AgentError.members.map(({ _tag }) => _tag)
    )
  })

  it.each(errors)("$_tag tells the operator what happened, in all its detail, and what to do", (error) => {
    for (const [name, value] of Object.entries(Schema.encodeSync(AgentErrors.AgentError)(error))) {
      if (name !== "_tag") assert.include(error.message, String(value))
    }
    assert.match(error.message, /\. .*\.$/s)
  })

  it.each(errors)("$_tag tells the sender something short, without what is inside", (error) => {
    assert.notMatch(error.forSender, /inside|inner|\/opt|\/home|\b(?:3|12|600)\b/)
    assert.isAtMost(error.forSender.length, 160)
    assert.match(error.forSender, /^[A-Z].*\.$/)
  })
})
