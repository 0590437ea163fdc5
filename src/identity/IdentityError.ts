import * as Schema from "effect/Schema"

/** An identity belongs to one mapping at most, and this one belongs to another. */
export class IdentityAlreadyLinked extends Schema.TaggedError<IdentityAlreadyLinked>()("IdentityAlreadyLinked", {
  identity: Schema.String,
  id: Schema.String
}) {
  override get message(): string {
    return (
      `${this.identity} is linked already, in ${this.id}. Nothing was changed. ` +
      `Leave it out, or take that mapping apart first: warelay identity unlink ${this.id}`
    )
  }
}

/** A mapping joins two accounts or more. */
export class TooFewIdentities extends Schema.TaggedError<TooFewIdentities>()("TooFewIdentities", {}) {
  override get message(): string {
    return "a mapping needs at least two different identities, for example --whatsapp +1234567890 --telegram @john"
  }
}

/** The history to keep has to be that of somebody who is being linked. */
export class IdentityNotInMapping extends Schema.TaggedError<IdentityNotInMapping>()("IdentityNotInMapping", {
  identity: Schema.String
}) {
  override get message(): string {
    return `${this.identity} is not among the identities to be linked, so its conversation cannot be the one to keep`
  }
}

/** No mapping has this id. */
export class MappingNotFound extends Schema.TaggedError<MappingNotFound>()("MappingNotFound", { id: Schema.String }) {
  override get message(): string {
    return `there is no mapping ${JSON.stringify(this.id)}. See which there are: warelay identity list`
  }
}

/** The file is there and cannot be understood, or cannot be read. Nothing is decided by it and nothing is written to it. */
export class IdentityMapUnreadable extends Schema.TaggedError<IdentityMapUnreadable>()("IdentityMapUnreadable", {
  reason: Schema.String
}) {
  override get message(): string {
    return this.reason
  }
}

/** Somebody else changed the map between the reading and the writing. Nothing was done; decide again. */
export class IdentityMapChanged extends Schema.TaggedError<IdentityMapChanged>()("IdentityMapChanged", {}) {
  override get message(): string {
    return "the identity map was changed by somebody else meanwhile; nothing was done. Try again."
  }
}
