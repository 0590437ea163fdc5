import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { TelegramBot } from "./TelegramBot.js"

/** Parts of a text that mean something (core.telegram.org/bots/api#messageentity), counted in UTF-16 code units. */
const Entities = Schema.Array(
  Schema.Struct({
    type: Schema.String,
    offset: Schema.NonNegativeInt,
    length: Schema.NonNegativeInt,
    user: Schema.optional(Schema.Struct({ id: Schema.Int }))
  })
)
type Entity = (typeof Entities.Type)[number]

/** What a message refers to, each where it is in the form that we know. */
const Wire = Schema.Struct({
  caption: Schema.optional(Schema.Unknown),
  text: Schema.optional(Schema.Unknown),
  entities: Schema.optional(Schema.Unknown),
  caption_entities: Schema.optional(Schema.Unknown),
  message_thread_id: Schema.optional(Schema.Unknown),
  reply_to_message: Schema.optional(Schema.Unknown)
})

const RepliedTo = Schema.Struct({ message_id: Schema.Int, from: Schema.Struct({ id: Schema.Int }) })

const decode = Schema.decodeUnknownOption(Wire)
const decodeEntities = Schema.decodeUnknownOption(Entities)
const decodeRepliedTo = Schema.decodeUnknownOption(RepliedTo)

const entitiesIn = ({ caption_entities, entities, text }: typeof Wire.Type): ReadonlyArray<Entity> =>
  Option.getOrElse(decodeEntities(text === undefined ? caption_entities : entities), () => [])

const sliceOf = (text: string, { length, offset }: Entity): string => text.slice(offset, offset + length)

const isNamed = (bot: TelegramBot, text: string, entity: Entity): boolean =>
  entity.type === "mention" && sliceOf(text, entity).toLowerCase() === `@${bot.username}`.toLowerCase()

/** Whether a message in a group is a reply to this bot. One in a topic replies to what opened the topic, if to nothing else. */
const repliesTo = (bot: TelegramBot, { message_thread_id, reply_to_message }: typeof Wire.Type): boolean =>
  Option.exists(
    decodeRepliedTo(reply_to_message),
    ({ from, message_id }) => from.id === bot.id && message_id !== message_thread_id
  )

const command = /^(\/[A-Za-z0-9_]{1,64})@([A-Za-z0-9_]+)(?!\S)/

/** What a text says besides this bot's name, and whether it, or what it refers to, is for this bot. */
export interface Addressed {
  readonly forUs: boolean
  readonly text: string
}

/**
 * To whom a message is addressed: by a mention, by a reply, or by a command, which in groups can name the bot that it is
 * for, `/new@our_bot`. None if that is another one.
 */
export const addressed = (bot: TelegramBot, raw: unknown, said: string): Option.Option<Addressed> => {
  const wire = Option.getOrElse(decode(raw), () => Wire.make({}))
  const entities = entitiesIn(wire)
  const names = entities.filter((entity) => isNamed(bot, said, entity))
  const rest = names.reduceRight(
    (left, { length, offset }) => left.slice(0, offset).replace(/\s+$/, "") + left.slice(offset + length),
    said
  )
  const text = names.length === 0 ? said : rest.trim()
  const [start = "", name = "", to] = command.exec(text) ?? []
  if (to !== undefined && to.toLowerCase() !== bot.username.toLowerCase()) return Option.none()
  const forUs =
    to !== undefined ||
    names.length > 0 ||
    entities.some(({ type, user }) => type === "text_mention" && user?.id === bot.id) ||
    repliesTo(bot, wire)
  return Option.some({ forUs, text: to === undefined ? text : `${name}${text.slice(start.length)}` })
}
