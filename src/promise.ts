import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Decision } from "./identity/Decision.js"
import { Identities } from "./identity/Identities.js"
import { acceptedForm, parse } from "./identity/Identity.js"
import type { Written } from "./identity/IdentityMapping.js"
import { MappingName } from "./identity/MappingNameSchema.js"
import { type Provider, providers } from "./identity/Provider.js"
import { write } from "./identity/QuickMapping.js"
import * as library from "./layers/library.js"
import { detect } from "./session/ProviderDetector.js"
import { SenderContext } from "./session/SenderContext.js"
import { SessionKey } from "./session/SessionKey.js"
import { denormalize, SessionNormalizer } from "./session/SessionNormalizer.js"
import { Scope } from "./session/SessionSettings.js"

/** A mapping as it stands in `identity-map.json`. */
export type Mapping = Written

/** Ids of accounts by provider, without the provider in front; several of one provider as an array. */
export interface Link {
  readonly whatsapp?: string | ReadonlyArray<string> | undefined
  readonly telegram?: string | ReadonlyArray<string> | undefined
  readonly twilio?: string | ReadonlyArray<string> | undefined
  readonly name?: string | undefined
}

/** An argument is not what the function takes. */
export class InvalidArgument extends Schema.TaggedError<InvalidArgument>()("InvalidArgument", {
  reason: Schema.String
}) {
  override get message(): string {
    return this.reason
  }
}

/** The map was closed before the call. */
export class IdentityMapClosed extends Schema.TaggedError<IdentityMapClosed>()("IdentityMapClosed", {}) {
  override get message(): string {
    return "this identity map is closed; open another with openIdentityMap()"
  }
}

/**
 * The identity map of a home. Promises reject with errors that have a `_tag` and a `message` for people; the two functions
 * that give none throw such an error when an argument is not what they take.
 */
export interface OpenIdentityMap {
  /** The provider that the form of a name suggests. */
  readonly detectProvider: (from: string) => Provider
  /** The session key of an account: its mapping's id if it is linked, else the provider's own form. */
  readonly normalizeSessionId: (provider: Provider, id: string) => Promise<string>
  /** The provider's id in the key of an account that is not linked; null for a shared key or another provider's. */
  readonly denormalizeSessionId: (provider: Provider, key: string) => string | null
  /** The key of the conversation that a sender is in, as the map is now. */
  readonly deriveSessionKey: (scope: Scope, context: SenderContext) => Promise<string>
  /** Joins two accounts or more. */
  readonly link: (accounts: Link) => Promise<Mapping>
  /** Takes a mapping apart; resolves to what it was. */
  readonly unlink: (id: string) => Promise<Mapping>
  /** All mappings, oldest first. */
  readonly list: () => Promise<ReadonlyArray<Mapping>>
  readonly get: (id: string) => Promise<Mapping | null>
  /** The mapping that an account belongs to. */
  readonly find: (provider: Provider, id: string) => Promise<Mapping | null>
  /** Lets go of everything. Calls that follow reject with `IdentityMapClosed`. */
  readonly close: () => Promise<void>
}

/** In one sentence for each mistake: where it is in the argument, and what. */
const sentences = (name: string, error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .filter(({ message }) => !message.startsWith("Expected undefined"))
    .map(({ message, path }) => `${[name, ...path.map(String)].join(".")}: ${message}`)
    .join("; ")

const decode = <A, I>(name: string, schema: Schema.Schema<A, I>, value: unknown): Either.Either<A, InvalidArgument> =>
  Either.mapLeft(
    Schema.decodeUnknownEither(schema, { errors: "all" })(value),
    (error) => new InvalidArgument({ reason: sentences(name, error) })
  )

const argument = <A, I>(name: string, schema: Schema.Schema<A, I>, value: unknown): Effect.Effect<A, InvalidArgument> =>
  Effect.suspend(() => decode(name, schema, value))

/** For the functions that give no promise: throws what they would reject with. */
const argumentNow = <A, I>(name: string, schema: Schema.Schema<A, I>, value: unknown): A =>
  Either.getOrThrowWith(decode(name, schema, value), (error) => error)

const account = (provider: Provider, id: string) =>
  Effect.mapError(
    parse(provider, id),
    () => new InvalidArgument({ reason: `${provider} ${JSON.stringify(id)}: expected ${acceptedForm[provider]}` })
  )

const ProviderArgument = Schema.Literal(...providers)

const Ids = Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String)))
// A misspelt provider would otherwise be left out of the mapping without a word.
const LinkArgument = Schema.Struct({
  whatsapp: Ids,
  telegram: Ids,
  twilio: Ids,
  name: Schema.optional(MappingName)
}).annotations({ parseOptions: { onExcessProperty: "error" } })

const OpenArgument = Schema.Struct({
  home: Schema.optional(
    Schema.NonEmptyString.annotations({
      message: () => ({ message: "expected the path of a directory", override: true })
    })
  )
})

const service = {
  normalize: (provider: unknown, id: unknown) =>
    Effect.gen(function* () {
      const { normalize } = yield* SessionNormalizer
      return yield* normalize(
        yield* argument("provider", ProviderArgument, provider),
        yield* argument("id", Schema.String, id)
      )
    }),
  derive: (scope: unknown, context: unknown) =>
    Effect.gen(function* () {
      const { derive } = yield* SessionKey
      return yield* derive(yield* argument("scope", Scope, scope), yield* argument("context", SenderContext, context))
    }),
  link: (accounts: unknown) =>
    Effect.gen(function* () {
      const { change } = yield* Identities
      const { name, ...ids } = yield* argument("accounts", LinkArgument, accounts)
      const identities = yield* Effect.forEach(
        providers.flatMap((provider) => [ids[provider] ?? []].flat().map((id) => [provider, id] as const)),
        ([provider, id]) => account(provider, id)
      )
      const { mapping } = yield* change(Decision.Link({ identities, name }))
      return write(Option.getOrThrow(mapping))
    }),
  unlink: (id: unknown) =>
    Effect.gen(function* () {
      const { change } = yield* Identities
      const { mapping } = yield* change(Decision.Unlink({ id: yield* argument("id", Schema.String, id) }))
      return write(Option.getOrThrow(mapping))
    }),
  list: Effect.flatMap(Identities, ({ list }) => Effect.map(list, (mappings) => mappings.map(write))),
  get: (id: unknown) =>
    Effect.gen(function* () {
      const { get } = yield* Identities
      return Option.getOrNull(Option.map(yield* get(yield* argument("id", Schema.String, id)), write))
    }),
  find: (provider: unknown, id: unknown) =>
    Effect.gen(function* () {
      const { find } = yield* Identities
      const identity = yield* account(
        yield* argument("provider", ProviderArgument, provider),
        yield* argument("id", Schema.String, id)
      )
      return Option.getOrNull(Option.map(yield* find(identity), write))
    })
}

/**
 * Opens the identity map in `home`, or in `$WARELAY_HOME`, or in `~/.clawdis`. Changes that others make to it are seen at
 * the next call. Nothing is logged, and no signal is handled.
 */
export const openIdentityMap = (options: { readonly home?: string | undefined } = {}): Promise<OpenIdentityMap> =>
  Either.match(decode("options", OpenArgument, options), {
    onLeft: (error) => Promise.reject(error),
    onRight: ({ home }) => opened(home === undefined ? library.layer : library.layerAt(home))
  })

const opened = (layer: typeof library.layer): Promise<OpenIdentityMap> => {
  const runtime = ManagedRuntime.make(Layer.merge(layer, Logger.remove(Logger.defaultLogger)))
  let closed = false

  const run = <A, E>(effect: Effect.Effect<A, E, ManagedRuntime.ManagedRuntime.Context<typeof runtime>>): Promise<A> =>
    closed
      ? Promise.reject(new IdentityMapClosed())
      : runtime
          .runPromiseExit(effect)
          .then(Exit.match({ onSuccess: (value) => value, onFailure: (cause) => Promise.reject(Cause.squash(cause)) }))

  return run(Effect.void).then(() => ({
    detectProvider: (from) => detect(argumentNow("from", Schema.String, from)),
    normalizeSessionId: (provider, id) => run(service.normalize(provider, id)),
    denormalizeSessionId: (provider, key) =>
      Option.getOrNull(
        denormalize(argumentNow("provider", ProviderArgument, provider), argumentNow("key", Schema.String, key))
      ),
    deriveSessionKey: (scope, context) => run(service.derive(scope, context)),
    link: (accounts) => run(service.link(accounts)),
    unlink: (id) => run(service.unlink(id)),
    list: () => run(service.list),
    get: (id) => run(service.get(id)),
    find: (provider, id) => run(service.find(provider, id)),
    close: () => {
      closed = true
      return runtime.dispose()
    }
  }))
}
