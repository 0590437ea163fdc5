import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** The directory that the home would be in is not to be found out. */
export class HomeUnknown extends Schema.TaggedError<HomeUnknown>()("HomeUnknown", {
  /** What was set, if anything was. */
  set: Schema.Option(Schema.String)
}) {
  override get message(): string {
    return Option.match(this.set, {
      onNone: () =>
        "this user has no home directory. Set WARELAY_HOME to a directory for warelay to keep its files in.",
      onSome: (set) =>
        `WARELAY_HOME is ${JSON.stringify(set)}, counted from the current directory, and that is gone. ` +
        "Set it to a path that begins with /, or go to a directory that exists."
    })
  }
}
