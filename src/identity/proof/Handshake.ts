import * as Schema from "effect/Schema"
import { WrittenIdentity } from "../IdentitySchema.js"
import { WrittenSharedId } from "../IdentityMappingSchema.js"
import { End } from "./End.js"
import { Hash } from "./Hash.js"

/** How far two accounts have come with each other. Each step is made by the one whose turn it is, and by nobody else. */
export const Step = Schema.Union(
  /** A code was given out and nobody has sent it. */
  Schema.TaggedStruct("Open", { code: Hash }),
  /** The joiner has sent the code, which is gone with that, and was sent a word. */
  Schema.TaggedStruct("Claimed", { joiner: End, word: Hash }),
  /** The joiner has sent the word back. The asker is to be told, with a word of its own. */
  Schema.TaggedStruct("Accepted", {
    joiner: End,
    share: Schema.Boolean,
    word: Schema.optional(Hash),
    told: Schema.Boolean
  }),
  /** The asker has sent it back: both have confirmed, and they are about to be linked. By that word it is tried again. */
  Schema.TaggedStruct("Agreed", {
    joiner: End,
    share: Schema.Boolean,
    shareAsker: Schema.Boolean,
    word: Schema.optional(Hash)
  }),
  /** It is over. The joiner is to be told how. */
  Schema.TaggedStruct("Settled", {
    joiner: End,
    share: Schema.Boolean,
    shareAsker: Schema.Boolean,
    linked: Schema.Boolean,
    told: Schema.Boolean
  })
)
export type Step = typeof Step.Type
type Stage<Tag extends Step["_tag"]> = Extract<Step, { readonly _tag: Tag }>

/** What a code began. Times in milliseconds since 1970. */
export const Handshake = Schema.Struct({
  id: Schema.String,
  by: Schema.Literal("chat", "cli"),
  /** Whose code it is; absent for an operator's that begins a new mapping, until somebody has sent that. */
  asker: Schema.optional(End),
  /** What a new mapping is to be called. */
  name: Schema.optional(Schema.String),
  begun: Schema.Number,
  /** From then on it is nothing any more. */
  until: Schema.Number,
  /** The mapping that is joined, with all that were in it when the joiner was asked. */
  into: Schema.optional(Schema.Struct({ id: WrittenSharedId, members: Schema.Array(WrittenIdentity) })),
  /** The messages that have made a step, each of which makes it once. */
  messages: Schema.Array(Schema.String),
  step: Step
})
export type Handshake = typeof Handshake.Type

/** One that is at a certain step, and has somebody who asked. */
export type At<Tag extends Step["_tag"]> = Handshake & { readonly step: Stage<Tag>; readonly asker: End }

export const isAt =
  <Tag extends Step["_tag"]>(tag: Tag) =>
  (handshake: Handshake): handshake is At<Tag> =>
    handshake.step._tag === tag && handshake.asker !== undefined

/** Whether a message has been counted already, by this process or one before. */
export const hasTaken = ({ messages }: Pick<Handshake, "messages">, message: string): boolean =>
  messages.includes(message)
