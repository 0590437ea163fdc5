// Accounts that link themselves, with all that is below them in memory.
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ConfigInvalid } from "../../../src/config/ConfigFile.js"
import * as Identities from "../../../src/identity/Identities.js"
import { type Identity, parseWritten } from "../../../src/identity/Identity.js"
import * as IdentityStore from "../../../src/identity/IdentityStore.js"
import { type Limits, LinkingSettings, unconfigured } from "../../../src/identity/LinkingSettings.js"
import { codeIn } from "../../../src/identity/proof/CodeForm.js"
import type { End } from "../../../src/identity/proof/End.js"
import * as ProofKey from "../../../src/identity/proof/ProofKey.js"
import * as Proofs from "../../../src/identity/proof/Proofs.js"
import * as ProofStore from "../../../src/identity/proof/ProofStore.js"
import * as Secrets from "../../../src/identity/proof/Secrets.js"
import * as SharedIds from "../../../src/identity/SharedIds.js"

export const identity = (written: string): Identity => Option.getOrThrow(parseWritten(written))

/** An account as its transport names it, the most stable name first. */
export const end = (...names: ReadonlyArray<string>): End => {
  const [account = "", ...rest] = names
  return {
    account: identity(account),
    names: [account, ...rest].map(identity),
    place: { channel: account.split(":")[0] ?? "", address: `<${account}>` }
  }
}

export const john = end("telegram:42", "telegram:@john")
export const phone = end("twilio:+1234567890")
export const mallory = end("telegram:666", "telegram:@mallory")
export const mom = end("whatsapp:+1987654321", "whatsapp:99@lid")

/** The service on what is given below it. */
export const over = <E, R>(
  below: Layer.Layer<ProofStore.ProofStore | ProofKey.ProofKey, E, R>,
  limits: Effect.Effect<Partial<Limits>, ConfigInvalid> = Effect.succeed({}),
  store: Layer.Layer<IdentityStore.IdentityStore> = IdentityStore.layerMemory,
  secrets: Layer.Layer<Secrets.Secrets> = Secrets.layerTest
) =>
  Proofs.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(Identities.layer, below, secrets)),
    Layer.provideMerge(Layer.mergeAll(store, SharedIds.layerTest)),
    Layer.provide(
      Layer.succeed(LinkingSettings, { limits: Effect.map(limits, (some) => ({ ...unconfigured, ...some })) })
    )
  )

export const memory = Layer.merge(ProofStore.layerMemory, ProofKey.layerMemory)
export const layer = over(memory)
export const limited = (limits: Partial<Limits>) => over(memory, Effect.succeed(limits))

let messages = 0

/** Another message. */
export const next = (): string => `m${++messages}`

/** What a member of a tagged enum has, if it is that one. */
export const as = <A extends { readonly _tag: string }, Tag extends A["_tag"]>(
  tag: Tag,
  value: A
): Extract<A, { readonly _tag: Tag }> => {
  const is = (one: A): one is Extract<A, { readonly _tag: Tag }> => one._tag === tag
  if (!is(value)) return assert.fail(`expected ${tag}, but it was ${JSON.stringify(value)}`)
  return value
}

export const ask = (asker: End, message = next()) =>
  Effect.flatMap(Proofs.Proofs, (proofs) => Effect.map(proofs.ask(asker, message), (asked) => as("Given", asked).code))

/** An account sends a code as it is written. */
export const present = (joiner: End, code: string, message = next()) =>
  Effect.flatMap(Proofs.Proofs, (proofs) =>
    Effect.flatMap(
      proofs.hash(
        "code",
        Option.getOrElse(codeIn(code), () => code)
      ),
      (hash) => proofs.present(joiner, hash, message)
    )
  )

/** An account sends a word. */
export const confirm = (from: End, word: string, share = false, message = next()) =>
  Effect.flatMap(Proofs.Proofs, (proofs) =>
    Effect.flatMap(proofs.hash("word", word), (hash) => proofs.confirm(from, hash, share, message))
  )

/** The word that the asker of the only handshake that waits for one is sent. */
export const grant = Effect.gen(function* () {
  const proofs = yield* Proofs.Proofs
  const [notice] = (yield* proofs.due).filter(({ _tag }) => _tag === "Accepted")
  if (notice === undefined) return assert.fail("nobody waits for the asker")
  const word = Option.getOrThrow(yield* proofs.word(notice.id))
  yield* proofs.told(notice)
  return word
})

export const claimed = (joiner: End, code: string) =>
  Effect.map(present(joiner, code), (presented) => as("Confirm", presented))

/** Two accounts link, as they should. */
export const linked = (asker: End, joiner: End, shareAsker = false, share = false) =>
  Effect.gen(function* () {
    const { word } = yield* claimed(joiner, yield* ask(asker))
    as("Waiting", yield* confirm(joiner, word, share))
    return as("Linked", yield* confirm(asker, yield* grant, shareAsker))
  })

/** Who is linked with an account, written. */
export const together = (one: End) =>
  Effect.flatMap(Identities.Identities, ({ find }) =>
    Effect.map(find(one.account), (found) =>
      Option.match(found, { onNone: () => [], onSome: ({ identities }) => identities.map(String) })
    )
  )
