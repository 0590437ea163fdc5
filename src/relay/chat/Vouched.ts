import * as Option from "effect/Option"
import type { Message } from "../../channels/Message.js"
import { isUsername } from "../../identity/Identity.js"
import type { End } from "../../identity/proof/End.js"
import type { ProviderDetector } from "../../session/ProviderDetector.js"

/**
 * The account that a direct message comes from, by what its transport vouches for; none, if that is only a username, which can
 * change hands, or nothing that can be linked.
 */
export const endOf = (
  detector: ProviderDetector["Type"],
  { address, channel, sender }: Message
): Option.Option<End> => {
  const { From = "" } = sender
  const provider = sender.provider ?? (channel === "console" ? detector.detect(From) : channel)
  const { candidates } = detector.read({ ...sender, From, provider })
  return Option.map(
    Option.fromNullable(candidates.find((name) => !isUsername(name))),
    (account): End => ({ account, names: candidates, place: { channel, address } })
  )
}
