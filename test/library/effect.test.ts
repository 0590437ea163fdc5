import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { directory } from "../support/home.js"
import { effectFace } from "./installed.js"

const warelay = await effectFace()
const { Decision, Identities, Identity, IdentityStore, ProviderDetector, SessionKey, SessionNormalizer } = warelay

const of = (provider: "whatsapp" | "telegram", id: string) => Option.getOrThrow(Identity.parse(provider, id))
const link = Decision.Decision.Link({
  identities: [of("whatsapp", "+1234567890"), of("telegram", "@john")]
})

/** What any layer of the library must do, put together as it comes. */
const works = Effect.gen(function* () {
  const identities = yield* Identities.Identities
  const { derive } = yield* SessionKey.SessionKey
  const { normalize } = yield* SessionNormalizer.SessionNormalizer
  const { detect } = yield* ProviderDetector.ProviderDetector
  const store = yield* IdentityStore.IdentityStore
  assert.strictEqual(detect("@john"), "telegram")
  const mapping = Option.getOrThrow((yield* identities.change(link)).mapping)
  assert.strictEqual<string>(yield* derive("per-sender", { From: "telegram:@john" }), mapping.id)
  assert.strictEqual<string>(yield* normalize("whatsapp", "+1234567890"), mapping.id)
  assert.strictEqual((yield* store.current).entries.size, 1)
  const again = yield* Effect.either(
    identities.change(Decision.Decision.Link({ ...link, identities: [of("telegram", "@john"), of("telegram", "42")] }))
  )
  assert.isTrue(Either.isLeft(again) && again.left._tag === "IdentityAlreadyLinked")
  const missing = yield* Effect.flip(identities.change(Decision.Decision.Unlink({ id: "nobody" })))
  assert.instanceOf(missing, warelay.IdentityError.MappingNotFound)
  return mapping.id
})

describe("warelay, for programs on Effect", () => {
  it.effect("in memory nothing is left behind, and every layer is a map of its own", () =>
    Effect.gen(function* () {
      for (const _ of [1, 2]) assert.match(yield* Effect.provide(works, warelay.layerMemory), /^shared-/)
    })
  )

  it.scopedLive("over a directory it is kept there", () =>
    Effect.gen(function* () {
      const home = join(yield* directory, "deep", "home")
      const id = yield* Effect.provide(works, warelay.layerAt(home))
      assert.isTrue(existsSync(join(home, "identity-map.json")))
      const list = Effect.flatMap(Identities.Identities, ({ list }) => list)
      assert.deepStrictEqual(
        (yield* Effect.provide(list, warelay.layerAt(home))).map((mapping) => mapping.id),
        [id]
      )
    })
  )

  it("each name that it exports is a module with something in it", () => {
    for (const [name, value] of Object.entries(warelay)) {
      assert.isTrue(name.startsWith("layer") || Object.keys(value).length > 0, name)
    }
  })
})
