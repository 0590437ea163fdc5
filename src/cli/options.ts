import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { conflictPolicies } from "../identity/Decision.js"
import { acceptedForm, type Identity, parse, parseWritten } from "../identity/Identity.js"
import { isMappingName } from "../identity/MappingName.js"
import type { Provider } from "../identity/Provider.js"
import { printable } from "../config/Printable.js"

/** A line that cannot be what was meant, and why, as a sentence. */
export const mistaken = (why: string): Effect.Effect<never, ValidationError.ValidationError> =>
  Effect.fail(ValidationError.invalidValue(HelpDoc.p(why)))

/** A value that was typed and cannot be used: which option it was for, what it was, what would be accepted. */
export const refused = (option: string, typed: string, accepted: string) =>
  mistaken(`--${option} ${printable(JSON.stringify(typed))}: expected ${accepted}`)

/** Machine-readable output instead of the pleasant one. */
export const json = Options.boolean("json").pipe(Options.withDescription("Print JSON"))

/** An option that takes an identity of one provider and may be given again and again. */
export const identities = (provider: Provider, description: string): Options.Options<ReadonlyArray<Identity>> =>
  Options.text(provider).pipe(
    Options.withPseudoName("id"),
    Options.repeated,
    Options.withDescription(description),
    Options.mapEffect(
      Effect.forEach((typed) =>
        Option.match(parse(provider, typed), {
          onNone: () => refused(provider, typed, acceptedForm[provider]),
          onSome: Effect.succeed
        })
      )
    )
  )

/**
 * A free text that means something; `accepted` says what it may be. One that has the form of an option is taken for a
 * forgotten value: `--name --json` would otherwise be a mapping called `--json`.
 */
export const read = <A>(
  name: string,
  pseudoName: string,
  description: string,
  meaning: (typed: string) => Effect.Effect<A, unknown>,
  accepted: string
): Options.Options<A> =>
  Options.text(name).pipe(
    Options.withPseudoName(pseudoName),
    Options.withDescription(description),
    Options.mapEffect((typed) =>
      /^--[a-z][a-z-]*(=\S*)?$/.test(typed)
        ? refused(name, typed, "a value, and this is an option")
        : Effect.catchAll(meaning(typed), () => refused(name, typed, accepted))
    )
  )

/** A free text. */
export const text = (name: string, pseudoName: string, description: string): Options.Options<string> =>
  read(name, pseudoName, description, Effect.succeed, "")

/** One of these words. */
export const oneOf =
  <A extends string>(words: ReadonlyArray<A>) =>
  (typed: string): Option.Option<A> =>
    Option.fromNullable(words.find((word) => word === typed))

/** What somebody is to be told: the verb says how, as in "What to send". */
export const message = (verb: string): Options.Options<string> =>
  read(
    "message",
    "text",
    `What to ${verb}`,
    Option.liftPredicate((typed) => typed.trim() !== ""),
    `something to ${verb}`
  )

/** Shows what would happen instead of doing it. */
export const dryRun = Options.boolean("dry-run").pipe(
  Options.withDescription("Show what would be changed, and change nothing")
)

/** Nobody is asked. */
export const yes = Options.boolean("yes").pipe(Options.withDescription("Do not ask before it is done"))

/** What becomes of identities that belong to another mapping. */
export const onConflict = read(
  "on-conflict",
  "policy",
  "Where an identity is linked otherwise: refuse (as without it), move it alone, or merge the mappings",
  oneOf(conflictPolicies),
  "refuse, move or merge"
).pipe(Options.withDefault("refuse"))

/** An option that takes a mapping's id; any text may be asked for. */
export const sharedId = (name: string, description: string): Options.Options<string> =>
  text(name, "shared-id", description)

const written = (name: string) => (typed: string) =>
  Option.match(parseWritten(typed), {
    onNone: () => refused(name, typed, "an identity such as whatsapp:+1234567890 or telegram:@john"),
    onSome: Effect.succeed
  })

/** An identity as it is written, its provider in front. */
export const identity = (name: string, description: string): Options.Options<Identity> =>
  Options.text(name).pipe(
    Options.withPseudoName("id"),
    Options.withDescription(description),
    Options.mapEffect(written(name))
  )

/** The same, given again and again. */
export const writtenIdentities = (name: string, description: string): Options.Options<ReadonlyArray<Identity>> =>
  Options.text(name).pipe(
    Options.withPseudoName("id"),
    Options.repeated,
    Options.withDescription(description),
    Options.mapEffect(Effect.forEach(written(name)))
  )

/** What a mapping is to be called. */
export const mappingName = read(
  "name",
  "name",
  "What to call the person or the group",
  Option.liftPredicate(isMappingName),
  "1 to 200 characters, and not only spaces"
)
