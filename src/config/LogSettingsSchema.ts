import * as Schema from "effect/Schema"
import { logFormats, logLevels } from "./LogSettings.js"

/** Under `log` in the configuration. */
export const LogSettings = Schema.Struct({
  level: Schema.optionalWith(Schema.Literal(...logLevels), { default: () => "info" }),
  format: Schema.optionalWith(Schema.Literal(...logFormats), { default: () => "auto" })
})
