import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** What credentials say about the account once it has been linked: a signed statement, and its JID with our device. */
const Linked = Schema.Struct({
  account: Schema.Object,
  me: Schema.Struct({ id: Schema.String })
})
const decode = Schema.decodeUnknownOption(Linked)

/** The account that credentials belong to, as a JID; nothing while they are not linked with one. */
export const accountOf = (credentials: unknown): Option.Option<string> =>
  Option.map(decode(credentials), ({ me }) => me.id)
