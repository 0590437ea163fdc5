import * as Schema from "effect/Schema"
import { masked } from "../config/Masked.js"
import type { MappingNotFound } from "./IdentityMapError.js"

export { IdentityMapChanged, IdentityMapUnreadable, MappingNotFound } from "./IdentityMapError.js"

/** An identity belongs to one mapping at most, and this one belongs to another. */
export class IdentityAlreadyLinked extends Schema.TaggedError<IdentityAlreadyLinked>()("IdentityAlreadyLinked", {
  identity: Schema.String,
  id: Schema.String
}) {
  override get message(): string {
    return (
      `${this.identity} is linked already, in ${this.id}. Nothing was changed. To add others to that mapping: --into ${this.id}. ` +
      "To take it out of there: --on-conflict move. To join everybody in both: --on-conflict merge."
    )
  }
}

/** A mapping joins two accounts or more. */
export class TooFewIdentities extends Schema.TaggedError<TooFewIdentities>()("TooFewIdentities", {
  least: Schema.Number
}) {
  override get message(): string {
    return this.least === 1
      ? "name at least one identity to add, for example --telegram @john"
      : "a mapping needs at least two different identities, for example --whatsapp +1234567890 --telegram @john"
  }
}

/** More accounts than may share a conversation. */
export class TooManyIdentities extends Schema.TaggedError<TooManyIdentities>()("TooManyIdentities", {
  count: Schema.Number,
  most: Schema.Number
}) {
  override get message(): string {
    return (
      `${this.count} identities would share one conversation, and at most ${this.most} may. Nothing was changed. ` +
      "Leave some out, or set maxIdentities in clawdis.json."
    )
  }
}

/** An account that the configuration excludes. It may be one that nobody named, of a mapping that others are to join. */
export class IdentityNeverLinked extends Schema.TaggedError<IdentityNeverLinked>()("IdentityNeverLinked", {
  identity: Schema.String
}) {
  override get message(): string {
    return `${masked(this.identity)} may not be linked: it stands in neverLink in clawdis.json. Nothing was changed. Leave it out.`
  }
}

/** The history to keep has to be that of somebody who is being linked. */
export class IdentityNotInMapping extends Schema.TaggedError<IdentityNotInMapping>()("IdentityNotInMapping", {
  identity: Schema.String,
  /** The mapping that was looked in; absent for one that is about to be. */
  id: Schema.optional(Schema.String)
}) {
  override get message(): string {
    return this.id === undefined
      ? `${this.identity} is not among the identities to be linked, so its conversation cannot be the one to keep`
      : `${this.identity} is not in ${this.id}. Nothing was changed. See who is: warelay identity show ${this.id}`
  }
}

/** A mapping that is added to goes on with its own conversation. */
export class ConversationChosen extends Schema.TaggedError<ConversationChosen>()("ConversationChosen", {
  id: Schema.String
}) {
  override get message(): string {
    return (
      `--keep is for a new mapping; ${this.id} goes on with the conversation that it has. Nothing was changed. ` +
      "Leave --keep out, or unlink the mapping and link everybody anew with it."
    )
  }
}

/** Two mappings of one id that differ: only one of them can be. */
export class MappingExists extends Schema.TaggedError<MappingExists>()("MappingExists", { id: Schema.String }) {
  override get message(): string {
    return (
      `there is another mapping ${this.id} already, with other contents. Nothing was changed. ` +
      "To take the imported one instead: --on-conflict move. To join everybody in both: --on-conflict merge."
    )
  }
}

/** No such change is on record, or none that could be undone. */
export class ChangeNotFound extends Schema.TaggedError<ChangeNotFound>()("ChangeNotFound", {
  sequence: Schema.optional(Schema.Number)
}) {
  override get message(): string {
    return this.sequence === undefined
      ? "there is no change to undo. See what was done: warelay identity history"
      : `there is no change ${this.sequence} on record. See what was done: warelay identity history`
  }
}

/** A change is taken back once. */
export class AlreadyUndone extends Schema.TaggedError<AlreadyUndone>()("AlreadyUndone", {
  sequence: Schema.Number,
  by: Schema.Number
}) {
  override get message(): string {
    return (
      `change ${this.sequence} is undone already, by change ${this.by}. Nothing was changed. ` +
      `To have it back: warelay identity undo ${this.by}`
    )
  }
}

/** What a change made of the subject is not there any more as it made it. `later` is the newest change that builds on it. */
export class UndoBlocked extends Schema.TaggedError<UndoBlocked>()("UndoBlocked", {
  sequence: Schema.Number,
  subject: Schema.String,
  later: Schema.optional(Schema.Struct({ sequence: Schema.Number, action: Schema.String }))
}) {
  override get message(): string {
    const { later, sequence, subject } = this
    const made = `what change ${sequence} made of ${subject}`
    const [why, next] =
      later === undefined
        ? [`${made} was edited by hand since`, "Correct the file by hand, too."]
        : [
            `change ${later.sequence} (${later.action}) builds on ${made}`,
            `Undo that first: warelay identity undo ${later.sequence}`
          ]
    return `change ${sequence} cannot be undone, because ${why}. Nothing was changed. ${next}`
  }
}

/** What is forgotten is not kept anywhere, not even to be brought back. */
export class ForgottenForGood extends Schema.TaggedError<ForgottenForGood>()("ForgottenForGood", {
  sequence: Schema.Number
}) {
  override get message(): string {
    return `change ${this.sequence} removed an identity for good, so it cannot be undone. Link it anew: warelay identity link --help`
  }
}

/** Why a decision cannot be carried out on a certain map. */
export type Refusal =
  | AlreadyUndone
  | ChangeNotFound
  | ConversationChosen
  | ForgottenForGood
  | IdentityAlreadyLinked
  | IdentityNeverLinked
  | IdentityNotInMapping
  | MappingExists
  | MappingNotFound
  | TooFewIdentities
  | TooManyIdentities
  | UndoBlocked
