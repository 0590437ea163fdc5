import * as Data from "effect/Data"
import type * as Option from "effect/Option"
import type { Identity } from "../Identity.js"
import type { IdentityMapping } from "../IdentityMapping.js"
import type { End } from "./End.js"
import type { Sharing } from "./Relation.js"

/** Times in milliseconds since 1970. A code or a word in these is for the account that it is an outcome for, and for no file. */
interface Common {
  /** The message has had its effect before, and has none now. */
  Repeated: {}
  /** This account was wrong too often; nothing is tried before that time. */
  Paused: { readonly until: number }
  /** The configuration does not let them be linked. */
  Excluded: {}
}

/** What comes of asking for a code. */
export type Asked = Data.TaggedEnum<{
  Repeated: Common["Repeated"]
  Excluded: Common["Excluded"]
  Given: { readonly code: string; readonly until: number }
}>

/** What comes of sending a code. Only `Confirm` and `Given` have used it up. */
export type Presented = Data.TaggedEnum<{
  Repeated: Common["Repeated"]
  Paused: Common["Paused"]
  Excluded: Common["Excluded"]
  /** No code that is good is this one. */
  Unknown: { readonly left: number }
  /** It is this account's own. */
  Own: {}
  /** The two are linked with each other. */
  Together: {}
  /** This account belongs to another mapping. */
  Elsewhere: {}
  /** It was an operator's: with this code, the account has another join it in a new mapping. */
  Given: { readonly code: string; readonly until: number; readonly name: Option.Option<string> }
  /** This account would be linked with the asker, into the asker's mapping if there is one, if it sends the word back. */
  Confirm: {
    readonly word: string
    readonly until: number
    readonly asker: End
    readonly into: Option.Option<IdentityMapping>
  }
}>

/** What comes of sending a word. */
export type Confirmed = Data.TaggedEnum<{
  Repeated: Common["Repeated"]
  Paused: Common["Paused"]
  /** It is not the word that was sent to this account. */
  Wrong: { readonly left: number }
  /** Nothing is linked yet: it is for the asker to confirm, too. */
  Waiting: { readonly asker: End }
  /** `members` are those of the mapping that was joined; nobody, where a new one was made. */
  Linked: { readonly joiner: End; readonly members: ReadonlyArray<Identity>; readonly sharing: Sharing }
  /** Something has changed since they were asked, so they were not linked. */
  Overtaken: {}
  /** This account is out of its mapping. */
  Parted: {}
}>

/** What comes of wanting out of a mapping. */
export type Parting = Data.TaggedEnum<{
  NotLinked: {}
  Confirm: { readonly word: string; readonly until: number; readonly mapping: IdentityMapping }
}>

/** Something that an account is to be told without having asked. */
export type Notice = Data.TaggedEnum<{
  /** The asker, that somebody has accepted, and with which word to confirm. */
  Accepted: {
    readonly id: string
    readonly to: End
    readonly joiner: End
    readonly share: boolean
    readonly members: ReadonlyArray<Identity>
    readonly until: number
  }
  /** The joiner, how it ended. */
  Settled: {
    readonly id: string
    readonly to: End
    readonly asker: End
    readonly linked: boolean
    readonly members: ReadonlyArray<Identity>
    readonly sharing: Sharing
  }
}>

export const Asked = Data.taggedEnum<Asked>()
export const Presented = Data.taggedEnum<Presented>()
export const Confirmed = Data.taggedEnum<Confirmed>()
export const Parting = Data.taggedEnum<Parting>()
export const Notice = Data.taggedEnum<Notice>()
