import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Identity, parseWritten } from "./Identity.js"

/** An identity as it is written: `whatsapp:+1234567890`. */
export const WrittenIdentity: Schema.Schema<Identity, string> = Schema.transformOrFail(
  Schema.String,
  Schema.instanceOf(Identity),
  {
    strict: true,
    decode: (text, _, ast) =>
      Either.fromOption(
        parseWritten(text),
        () => new ParseResult.Type(ast, text, "an identity such as whatsapp:+1234567890 is expected")
      ),
    encode: (identity) => Either.right(identity.toString())
  }
)
