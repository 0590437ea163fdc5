import * as Option from "effect/Option"
import type { Spoken } from "../agent/Prompt.js"
import type { Message } from "../channels/Message.js"
import { accountOf } from "../identity/Identity.js"
import type { Provider } from "../identity/Provider.js"
import type { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"
import { groupForms } from "./AllowedSender.js"
import type { RelaySettings } from "./RelaySettings.js"
import { writerOf } from "./Writer.js"

/** Who speaks, as Claude is told it. */
export type Speaker = Omit<Spoken, "text">

const providerOfGroup = (name: string): Option.Option<Provider> =>
  Option.map(Option.fromNullable(groupForms.find(([, form]) => form.test(name))), ([provider]) => provider)

/**
 * Decides who may write. A sender is let in by an account of the provider that the message came from and no other, under
 * any name that the transport vouches for, and a group by the name that its transport has for it. Whom a sender is
 * linked with plays no part. On the console one speaks as anybody.
 */
export const admission = (
  { allowFrom, allowGroups }: Pick<RelaySettings["Type"], "allowFrom" | "allowGroups">,
  detector: ProviderDetector["Type"]
): ((message: Message) => Option.Option<Speaker>) => {
  const senders = new Map(allowFrom.toReversed().map((allowed) => [accountOf(allowed.identity), allowed]))
  const groups = new Set(allowGroups)

  return (message) => {
    const { author, channel, sender } = message
    const { names, provider } = writerOf(detector, message)
    const listed = Option.fromNullable(
      names.map((identity) => senders.get(accountOf(identity))).find((allowed) => allowed !== undefined)
    )
    const group = (sender.From ?? "").replace(/^group:/, "")
    const admitted =
      channel === "console" ||
      (isGroup(sender) ? groups.has(group) && Option.contains(providerOfGroup(group), provider) : Option.isSome(listed))
    return admitted
      ? Option.some({ provider, name: Option.flatMap(listed, ({ name }) => name), account: author })
      : Option.none()
  }
}
