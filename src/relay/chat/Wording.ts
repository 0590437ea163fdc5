import * as Option from "effect/Option"
import type { Identity } from "../../identity/Identity.js"
import { accountOf } from "../../identity/Identity.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { lifetime, pause } from "../../identity/proof/Book.js"
import type { End } from "../../identity/proof/End.js"
import { Asked, Confirmed, Notice, Parting, Presented } from "../../identity/proof/Outcome.js"
import type { Sharing } from "../../identity/proof/Relation.js"
import type { ChatSettings } from "./ChatSettings.js"
import { veiled, veiledAll } from "./Veiled.js"

/** What is said behind a word by whoever lets the other see what was said before. */
export const share = "share"

/** What a text is written with. Times in milliseconds since 1970. */
export interface Setting {
  readonly commands: ChatSettings
  readonly now: number
  /** The account that is spoken to. */
  readonly to: End
  /** Where people find us. */
  readonly places: ReadonlyArray<string>
}

const minutes = (until: number, now: number): string => {
  // A code is made some milliseconds later than its answer is begun.
  const count = Math.max(1, Math.ceil((until - now - 1_000) / 60_000))
  return count === 1 ? "1 minute" : `${count} minutes`
}

const tries = (left: number): string =>
  left > 0
    ? ` You can try ${left === 1 ? "once" : `${left} times`} more.`
    : ` That was the last try for ${minutes(pause, 0)}.`

const name = (command: string | false, otherwise: string): string => (command === false ? otherwise : command)

const repeated = "That was done already; nothing more was changed."

const excluded = "These accounts cannot be linked. Nothing was changed."

export const noAccount =
  "This account cannot be linked from the chat: I know it by no name that stays its own. Whoever runs this relay can link it."

export const switchedOff = "Linking from the chat is switched off here. Nothing was changed."

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

/** How to confirm, and with how much of what was said before. */
const howTo = (word: string, until: number, choice: boolean, { now }: Setting): string =>
  [
    choice
      ? `To link them, answer ${word} within ${minutes(until, now)}; what was said in this chat before then stays yours alone. ` +
        `Or answer ${word} ${share}, and the other side sees that, too.`
      : `To link them, answer ${word} within ${minutes(until, now)}.`,
    "If you did not ask for this, do not answer: then nothing happens."
  ].join("\n")

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

const whose = (own: boolean, other: boolean, them: Identity): string => {
  if (own && other) return "It goes on from whichever of your earlier conversations was used last."
  if (own) return "It goes on from what was said in this chat before."
  return other ? `It goes on from what ${veiled(them)} said before.` : "Nothing that was said before is shared."
}

const history = (members: ReadonlyArray<Identity>, sharing: Sharing, joiner: Identity): string =>
  members.length > 0 ? "It sees what was said there." : whose(sharing.asker, sharing.joiner, joiner)

const undo = ({ commands }: Pick<Setting, "commands">, what = "undo it"): string =>
  `To ${what}: ${name(commands.unlink, "ask whoever runs this relay")}.`

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

export const whoami = ({ to }: Setting, mapping: Option.Option<IdentityMapping>): string =>
  `This is ${veiled(to.account)}. ` +
  Option.match(mapping, {
    onNone: () => "It is not linked.",
    onSome: (mapping) =>
      `It shares a conversation${mapping.name === undefined ? "" : ` ("${mapping.name}")`} with ${others(mapping, to)}.`
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
