import * as Schema from "effect/Schema"
import { isMappingName } from "./MappingName.js"

export const MappingName = Schema.String.pipe(
  Schema.filter(isMappingName),
  Schema.annotations({ message: () => "a name has 1 to 200 characters, and not only spaces" })
)
