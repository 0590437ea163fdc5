import * as Schema from "effect/Schema"

/** The `whatsapp` section of the configuration. The credentials are not in it: `warelay login` gets them. */
export const WhatsAppSettings = Schema.Struct({
  /** Where WhatsApp's servers for linked devices are. */
  url: Schema.optionalWith(
    Schema.String.pipe(
      Schema.pattern(/^wss?:\/\/[^\s/?#@]+(?:\/[^\s]*)?$/, {
        message: () => "the address of a WebSocket server is expected, such as wss://web.whatsapp.com/ws/chat"
      })
    ),
    { default: () => "wss://web.whatsapp.com/ws/chat" }
  ),
  /** Whether people see that a message was read, as soon as an answer to it is being written. */
  readReceipts: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  /** Which messages in a group are for us: those that mention or reply to this account, or all. */
  groups: Schema.optionalWith(
    Schema.Literal("mentioned", "all").annotations({ message: () => 'expected "mentioned" or "all"' }),
    { default: () => "mentioned" as const }
  )
})
export type WhatsAppSettings = typeof WhatsAppSettings.Type
