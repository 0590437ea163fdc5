import type { End } from "../../identity/proof/End.js"
import { Notice } from "../../identity/proof/Outcome.js"
import type { ChatSettings } from "./ChatSettings.js"
import { howTo, type Setting, undo, whose } from "./Phrases.js"
import { veiled } from "./Veiled.js"

/** What somebody is told who has not asked. `word` is there for whom it is to confirm. */
export const notice = (setting: Setting, word: string): ((notice: Notice) => string) =>
  Notice.$match({
    Accepted: ({ joiner, members, share, until }) =>
      members.length > 0
        ? `${veiled(joiner.account)} wants to join the conversation that this account (${veiled(setting.to.account)}) is in. ` +
          `It would see what was said there.\n${howTo(word, until, false, setting)}`
        : `${veiled(joiner.account)} has confirmed that it belongs with this account (${veiled(setting.to.account)}), ` +
          `${share ? "and lets you see what it said before" : "and keeps to itself what it said before"}. ` +
          `Are they to share one conversation?\n${howTo(word, until, true, setting)}`,
    Settled: ({ asker, linked, members, sharing }) =>
      linked
        ? `Linked: this account and ${veiled(asker.account)} share one conversation from the next message on. ` +
          `${members.length > 0 ? "You see what was said there." : whose(sharing.joiner, sharing.asker, asker.account)} ${undo(setting)}`
        : `${veiled(asker.account)} has confirmed, but something has changed meanwhile, so the two were not linked.`
  })

/** What those are told in whose conversation somebody is from now on. */
export const joined = (
  commands: ChatSettings,
  to: End,
  { asker, to: joiner }: Extract<Notice, { readonly _tag: "Settled" }>
): string =>
  `${veiled(joiner.account)} has joined the conversation that this account (${veiled(to.account)}) is in, and sees what was said ` +
  `there. ${veiled(asker.account)} has let it in. ${undo({ commands }, "leave")}`
