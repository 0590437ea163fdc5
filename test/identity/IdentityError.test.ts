import { assert, describe, it } from "@effect/vitest"
import {
  ChangeNotFound,
  ForgottenForGood,
  IdentityNeverLinked,
  MappingExists,
  TooFewIdentities,
  UndoBlocked
} from "../../src/identity/IdentityError.js"

describe("a refusal", () => {
  it.each([
    [new TooFewIdentities({ least: 1 }), ["at least one", "--telegram @john"]],
    [new TooFewIdentities({ least: 2 }), ["at least two", "--whatsapp +1234567890"]],
    [new IdentityNeverLinked({ identity: "whatsapp:+1234567890" }), ["whatsapp:…7890 may not", "neverLink"]],
    [new ForgottenForGood({ sequence: 7 }), ["change 7", "warelay identity link"]],
    [new ChangeNotFound({}), ["no change", "warelay identity history"]],
    [new ChangeNotFound({ sequence: 9 }), ["no change 9", "warelay identity history"]],
    [new MappingExists({ id: "shared-abc-123" }), ["shared-abc-123", "--on-conflict move", "--on-conflict merge"]],
    [new UndoBlocked({ sequence: 3, subject: "shared-abc-123" }), ["change 3", "by hand", "shared-abc-123"]],
    [
      new UndoBlocked({ sequence: 3, subject: "shared-abc-123", later: { sequence: 5, action: "rename" } }),
      ["change 3", "change 5 (rename)", "warelay identity undo 5"]
    ]
  ])("says what is wrong and what to do next", ({ message }, parts) => {
    for (const part of parts) assert.include(message, part)
  })
})
