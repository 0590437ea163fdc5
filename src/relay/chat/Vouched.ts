import * as Option from "effect/Option"
import type { Message } from "../../channels/Message.js"
import { isUsername } from "../../identity/Identity.js"
import type { End } from "../../identity/proof/End.js"
import type { ProviderDetector } from "../../session/ProviderDetector.js"
import { writerOf } from "../Writer.js"

/**
 * The account that a direct message comes from, by what its transport vouches for; none, if that is only a username, which can
 * change hands, or nothing that can be linked.
 */
export const endOf = (detector: ProviderDetector["Type"], message: Message): Option.Option<End> => {
  const { address, channel } = message
  const { names } = writerOf(detector, message)
  return Option.map(
    Option.fromNullable(names.find((name) => !isUsername(name))),
    (account): End => ({ account, names, place: { channel, address } })
  )
}
