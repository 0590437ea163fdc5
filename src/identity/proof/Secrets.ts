import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { randomBytes, randomInt } from "node:crypto"
import { alphabet } from "./CodeForm.js"

export class Secrets extends Context.Tag("warelay/identity/proof/Secrets")<
  Secrets,
  {
    /** Names a code for those who may not see it: `code-` and 8 hex digits. */
    readonly id: Effect.Effect<string>
    /** Eight characters of the alphabet, 40 bits that cannot be guessed. */
    readonly code: Effect.Effect<string>
    /** Three letters and two digits, 19.7 bits that cannot be guessed. */
    readonly word: Effect.Effect<string>
  }
>() {}

const letters = alphabet.replace(/\d/g, "")
const digits = alphabet.replace(/\D/g, "")

const pick = (characters: string, count: number): string =>
  Array.from({ length: count }, () => characters.charAt(randomInt(characters.length))).join("")

/** From the operating system's secure source. */
export const layer: Layer.Layer<Secrets> = Layer.succeed(
  Secrets,
  Secrets.of({
    id: Effect.sync(() => `code-${randomBytes(4).toString("hex")}`),
    code: Effect.sync(() => pick(alphabet, 8)),
    word: Effect.sync(() => `${pick(letters, 3)}${pick(digits, 2)}`)
  })
)

/** The nth in the order of the alphabet. */
const counted = (characters: string, count: number, n: number): string =>
  count === 0
    ? ""
    : counted(characters, count - 1, Math.floor(n / characters.length)) + characters.charAt(n % characters.length)

/** `code-00000001`, `2222-2223`, `AAA23` and so on: each is another. */
export const layerTest: Layer.Layer<Secrets> = Layer.effect(
  Secrets,
  Effect.map(Ref.make(0), (count) => {
    const next = Ref.updateAndGet(count, (n) => n + 1)
    return Secrets.of({
      id: Effect.map(next, (n) => `code-${n.toString(16).padStart(8, "0")}`),
      code: Effect.map(next, (n) => counted(alphabet, 8, n)),
      word: Effect.map(next, (n) => `${counted(letters, 3, Math.floor(n / 64))}${counted(digits, 2, n % 64)}`)
    })
  })
)
