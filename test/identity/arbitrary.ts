import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { type Identity, parse } from "../../src/identity/Identity.js"
import type { Provider } from "../../src/identity/Provider.js"

const digits = (minLength: number, maxLength: number) =>
  FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789"), minLength, maxLength })

const wordOf = (letters: string) => (minLength: number, maxLength: number) =>
  FastCheck.string({ unit: FastCheck.constantFrom(...letters), minLength, maxLength })

const small = "abcdefghijklmnopqrstuvwxyz"
const letters = `${small}${small.toUpperCase()}0123456789`

const joined = (...parts: ReadonlyArray<FastCheck.Arbitrary<string>>) =>
  FastCheck.tuple(...parts).map((strings) => strings.join(""))

const first = FastCheck.constantFrom(..."123456789")

export const phone = joined(FastCheck.constant("+"), first, digits(6, 14))
export const linkedId = joined(digits(1, 32), FastCheck.constant("@lid"))
export const scopedId = joined(FastCheck.constant("US."), wordOf(letters)(1, 40))
export const username = joined(FastCheck.constant("@"), wordOf(`${letters}_`)(4, 32))
export const userNumber = FastCheck.bigInt(1n, 2n ** 52n).map(String)

const kindsOf = {
  whatsapp: [phone, linkedId],
  telegram: [userNumber, username],
  twilio: [phone, scopedId]
} as const

/** An id that must be accepted, with its provider. */
export const accepted: FastCheck.Arbitrary<readonly [Provider, string]> = FastCheck.oneof(
  ...(["whatsapp", "telegram", "twilio"] as const).flatMap((provider) =>
    kindsOf[provider].map((kind) => kind.map((id) => [provider, id] as const))
  )
)

export const the = (provider: Provider, id: string): Identity =>
  Option.getOrThrowWith(parse(provider, id), () => new Error(`${provider} refuses ${JSON.stringify(id)}`))

export const identity: FastCheck.Arbitrary<Identity> = accepted.map(([provider, id]) => the(provider, id))

/** As few as collide often. */
export const fewIdentities: ReadonlyArray<Identity> = [
  the("whatsapp", "+12345670001"),
  the("whatsapp", "+12345670002"),
  the("whatsapp", "12345@lid"),
  the("telegram", "@john"),
  the("telegram", "@Mary"),
  the("telegram", "42"),
  the("twilio", "+12345670001"),
  the("twilio", "+12345670003"),
  the("twilio", "US.abc")
]
