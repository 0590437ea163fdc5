import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { IdentityNeverLinked } from "../IdentityError.js"
import { begun, lifetime, put, takenIn } from "./Book.js"
import { printCode } from "./CodeForm.js"
import type { End } from "./End.js"
import type { Handshake } from "./Handshake.js"
import { Asked } from "./Outcome.js"
import { isExcluded, minted, type Parts } from "./Parts.js"

/** Codes for those who ask for one, and for operators. */
export const make = (parts: Parts) => {
  const { secrets, store } = parts

  const opened = (by: Handshake["by"], asker: Option.Option<End>, name: Option.Option<string>, message?: string) =>
    Effect.gen(function* () {
      const id = yield* secrets.id
      const { hash, secret } = yield* minted(parts, "code")
      return yield* store.change((book, now) => {
        const until = now + lifetime
        const handshake = {
          id,
          by,
          ...(Option.isSome(name) ? { name: name.value } : {}),
          begun: now,
          until,
          messages: message === undefined ? [] : [message],
          step: { _tag: "Open", code: hash } as const
        }
        const given = { id, code: printCode(secret), until }
        return Option.match(asker, {
          onNone: () => [given, put(book, handshake)] as const,
          onSome: (asker) => [given, begun(book, { ...handshake, asker })] as const
        })
      })
    })

  return {
    ask: Effect.fn("Proofs.ask")((asker: End, message: string) =>
      Effect.gen(function* () {
        if (yield* isExcluded(parts, asker)) return Asked.Excluded()
        // A message that comes again has its code made anew, unless somebody has sent that meanwhile.
        const before = takenIn(yield* store.book, message)
        if (Option.exists(before, ({ step }) => step._tag !== "Open")) return Asked.Repeated()
        return Asked.Given(yield* opened("chat", Option.some(asker), Option.none(), message))
      })
    ),

    invite: Effect.fn("Proofs.invite")((asker: Option.Option<End>, name: Option.Option<string>) =>
      Effect.gen(function* () {
        if (Option.isSome(asker) && (yield* isExcluded(parts, asker.value))) {
          return yield* new IdentityNeverLinked({ identity: asker.value.account.toString() })
        }
        return yield* opened("cli", asker, name)
      })
    )
  }
}
