import * as Schema from "effect/Schema"

/** What people call a mapping. Characters are code points: what a person takes for one may be of any length. */
export const MappingName = Schema.String.pipe(
  Schema.filter((name) => name.trim().length > 0 && Array.from(name).length <= 200),
  Schema.annotations({ message: () => "a name has 1 to 200 characters, and not only spaces" })
)
