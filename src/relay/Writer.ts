import type { Message } from "../channels/Message.js"
import type { Identity } from "../identity/Identity.js"
import type { Provider } from "../identity/Provider.js"
import type { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"

/** Who wrote a message. */
export interface Writer {
  readonly provider: Provider
  /** All names that the transport vouches for, the most stable first; in a group, the one that it gives of the author. */
  readonly names: ReadonlyArray<Identity>
}

/** Every channel is one provider's, but for the console, where one speaks as anybody and the form of the name tells. */
export const writerOf = (detector: ProviderDetector["Type"], { author, channel, sender }: Message): Writer => {
  const { From = "" } = sender
  const provider = sender.provider ?? (channel === "console" ? detector.detect(From) : channel)
  const { candidates } = detector.read(isGroup(sender) ? { From: author, provider } : { ...sender, From, provider })
  return { provider, names: candidates }
}
