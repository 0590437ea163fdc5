import * as Schema from "effect/Schema"

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

/** No mapping has this id. */
export class MappingNotFound extends Schema.TaggedError<MappingNotFound>()("MappingNotFound", { id: Schema.String }) {
  override get message(): string {
    return `there is no mapping ${JSON.stringify(this.id)}. See which there are: warelay identity list`
  }
}
