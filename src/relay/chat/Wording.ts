import * as Option from "effect/Option"
import type { Identity } from "../../identity/Identity.js"
import { accountOf } from "../../identity/Identity.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { lifetime, pause } from "../../identity/proof/Book.js"
import type { End } from "../../identity/proof/End.js"
import { Asked, Confirmed, Parting, Presented } from "../../identity/proof/Outcome.js"
import type { Sharing } from "../../identity/proof/Relation.js"
import type { ChatSettings } from "./ChatSettings.js"
import { howTo, minutes, name, type Setting, share, undo, whose } from "./Phrases.js"
import { veiled, veiledAll } from "./Veiled.js"

const tries = (left: number): string =>
  left > 0
    ? ` You can try ${left === 1 ? "once" : `${left} times`} more.`
    : ` That was the last try for ${minutes(pause, 0)}.`

const repeated = "That was done already; nothing more was changed."

const excluded = "These accounts cannot be linked. Nothing was changed."

export const noAccount =
  "This account cannot be linked from the chat: I know it by no name that stays its own. Whoever runs this relay can link it."

export const switchedOff = "Linking from the chat is switched off here. Nothing was changed."

/** What is said to whoever would link where all have one conversation together. */
export const shared =
  "Everybody who writes here shares one conversation, so there is nothing to link and nothing to leave. Nothing was changed."

export const forwarded =
  "This message was forwarded, and what it asks for counts only if you send it yourself. Nothing was changed."

export const trouble =
  "I could not do that: something is wrong where this relay keeps its files. Please try again later."

export const unclear =
  `Behind that word only "${share}" may stand, so I do not know whether you mean yes. Nothing was changed. ` +
  "To say yes, answer the word alone; to say no, answer nothing."

export const misspelt = ({ commands }: Setting): string =>
  `That is no code. A code looks like ABCD-2345; ${name(commands.link, "the command")} alone gives you one to send from your other account.`

const paused = (until: number, now: number): string =>
  `There were too many wrong tries from here. Please wait ${minutes(until, now)}, and then try again.`

const given = (code: string, until: number, { now, places }: Setting): string =>
  [
    `Send this code from the other account to me (${places.join(", or ")}), within ${minutes(until, now)}:`,
    "",
    code,
    "",
    "Nothing is linked until you have confirmed it in both chats. Keep the code to yourself: whoever sends it asks to share a conversation with you."
  ].join("\n")

export const asked = (setting: Setting): ((asked: Asked) => string) =>
  Asked.$match({
    Repeated: () => repeated,
    Excluded: () => excluded,
    Given: ({ code, until }) => given(code, until, setting)
  })

/** What the joiner is told of its own history, where the mapping that it joins has one of its own. */
const broughtAlong = ({ id, keep }: IdentityMapping, to: End): string =>
  keep === undefined || to.names.some((name) => keep === accountOf(name))
    ? `If nothing has been said in ${id} lately, it may go on from what was said in this chat before, and all of them see that.`
    : "What was said in this chat before stays yours alone."

const question = ({ asker, into, until, word }: Extract<Presented, { _tag: "Confirm" }>, setting: Setting): string =>
  Option.match(into, {
    onNone: () =>
      `Link this account (${veiled(setting.to.account)}) with ${veiled(asker.account)}, so that both share one conversation?\n` +
      howTo(word, until, true, setting),
    onSome: (mapping) =>
      `Let this account (${veiled(setting.to.account)}) join the conversation that ${veiledAll(mapping.identities)} ` +
      `${mapping.identities.length === 1 ? "has" : "share"}? You would see what was said there. ` +
      `${broughtAlong(mapping, setting.to)}\n${howTo(word, until, false, setting)}`
  })

export const presented = (setting: Setting): ((presented: Presented) => string) =>
  Presented.$match({
    Repeated: () => repeated,
    Excluded: () => excluded,
    Paused: ({ until }) => paused(until, setting.now),
    Unknown: ({ left }) =>
      `That code is not good: it is mistyped, used, or older than ${minutes(lifetime, 0)}.${tries(left)}`,
    Own: () => "That is this account's own code. Send it from your other account.",
    Together: () => "These two are linked already. Nothing was changed.",
    Elsewhere: () =>
      "This account is linked otherwise, so the code was not used. " +
      `Take this account out first with ${name(setting.commands.unlink, "the help of whoever runs this relay")}, ` +
      "or ask for a code here and send it from the other account.",
    Given: ({ code, name, until }) =>
      `${Option.match(name, { onNone: () => "Your accounts", onSome: (name) => `The accounts of "${name}"` })} can be linked now.\n` +
      given(code, until, setting),
    Confirm: (confirm) => question(confirm, setting)
  })

const history = (members: ReadonlyArray<Identity>, sharing: Sharing, joiner: Identity): string =>
  members.length > 0 ? "It sees what was said there." : whose(sharing.asker, sharing.joiner, joiner)

export const confirmed = (setting: Setting): ((confirmed: Confirmed) => string) =>
  Confirmed.$match({
    Repeated: () => repeated,
    Paused: ({ until }) => paused(until, setting.now),
    Wrong: ({ left }) => `That is not the word that was sent to you last. Nothing was changed.${tries(left)}`,
    Waiting: ({ asker }) =>
      `Thank you. Now ${veiled(asker.account)} is asked, too; you are told when it has confirmed. Nothing is linked yet.`,
    Linked: ({ joiner, members, sharing }) =>
      `Linked: this account and ${veiled(joiner.account)} share one conversation from the next message on. ` +
      `${history(members, sharing, joiner.account)} ${undo(setting)}`,
    Overtaken: () =>
      "Something has changed since you were asked, so they were not linked. Begin again if you still want to.",
    Parted: () => "Done: this account is on its own again, with the conversation that it had before. The others go on."
  })

export const parting = (setting: Setting): ((parting: Parting) => string) =>
  Parting.$match({
    NotLinked: () => "This account is not linked. Nothing was changed.",
    Confirm: ({ mapping, until, word }) =>
      `Take this account (${veiled(setting.to.account)}) out of the conversation that it shares with ${others(mapping, setting.to)}? ` +
      `To do so, answer ${word} within ${minutes(until, setting.now)}. If you did not ask for this, do not answer.`
  })

/** Everybody in a mapping but this account. */
const others = ({ identities }: IdentityMapping, to: End): string => {
  const own = new Set(to.names.map(accountOf))
  return veiledAll(identities.filter((one) => !own.has(accountOf(one)))) || "nobody else any more"
}

const thisIs = ({ to }: Setting): string => `This is ${veiled(to.account)}.`

export const whoamiShared = (setting: Setting): string =>
  `${thisIs(setting)} It shares one conversation with everybody who writes here.`

export const whoami = (setting: Setting, mapping: Option.Option<IdentityMapping>): string =>
  `${thisIs(setting)} ` +
  Option.match(mapping, {
    onNone: () => "It is not linked.",
    onSome: (mapping) =>
      `It shares a conversation${mapping.name === undefined ? "" : ` ("${mapping.name}")`} with ${others(mapping, setting.to)}.`
  })

/** All commands, those for a new conversation among them. */
export const help = (commands: ChatSettings, resets: ReadonlyArray<string>): string => {
  const lines: ReadonlyArray<readonly [string | false, string]> = [
    [commands.link, "share this conversation with another account of yours"],
    [commands.unlink, "take this account out of a shared conversation"],
    [commands.whoami, "which account this is, and with what it is linked"],
    ...resets.map((reset) => [reset, "start a new conversation"] as const),
    [commands.help, "this list"]
  ]
  return lines.flatMap(([command, what]) => (command === false ? [] : [`${command}: ${what}`])).join("\n")
}
