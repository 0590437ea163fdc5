import * as Schema from "effect/Schema"
import { WrittenIdentity } from "./IdentitySchema.js"

/** A pair as it is written. What is wrong with one of two is said of that one. */
export const WrittenPair = Schema.Tuple(WrittenIdentity, WrittenIdentity).annotations({
  message: ({ actual }) => ({
    message: 'two identities such as ["whatsapp:+1234567890", "telegram:@john"] are expected',
    override: !Array.isArray(actual) || actual.length !== 2
  })
})
