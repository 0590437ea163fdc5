import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Process } from "../../config/Process.js"
import { accountOf, type Identity } from "../../identity/Identity.js"
import type { End } from "../../identity/proof/End.js"
import { Proofs } from "../../identity/proof/Proofs.js"
import { contacts } from "../../layers/contacts.js"
import * as proofs from "../../layers/proving.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import * as Render from "../render/invite.js"
import { canColour, canDraw } from "../Terminal.js"

export interface Line {
  readonly account: Option.Option<Identity>
  readonly name: Option.Option<string>
  readonly json: boolean
}

/** Nobody could send the code, or it would lead to nothing. */
class NothingToSend extends Schema.TaggedError<NothingToSend>()("NothingToSend", { why: Schema.String }) {
  override get message(): string {
    return `no code was made: ${this.why}`
  }
}

const switchedOff = "chat.enabled or chat.link is false in the configuration, so that nobody can link from the chat"

const shared =
  'scope is "global" in the configuration, so that everybody shares one conversation and nobody has to link'

const endOf = (account: Identity): End => ({ account, names: [account] })

/** Makes a code, and prints it with the links that bring it with one tap, as QR codes at a terminal. */
export const run = ({ account, json, name }: Line) =>
  Effect.gen(function* () {
    const { allowFrom, chat, scope } = yield* Settings.Settings
    if (!chat.enabled || chat.link === false) return yield* new NothingToSend({ why: switchedOff })
    if (scope === "global") return yield* new NothingToSend({ why: shared })
    const invitation = yield* Effect.flatMap(Proofs, ({ invite }) => invite(Option.map(account, endOf), name))
    const links = (yield* contacts).map(({ link, name }) => ({ name, url: link(invitation.code) }))
    if (json) return yield* Console.log(Render.json(invitation, links))
    yield* Console.log(Render.text(invitation, links))
    const process = yield* Process
    if (links.length > 0 && canDraw(process, "errors")) {
      yield* Console.error(Render.codes(links, canColour(process, "errors")))
    }
    yield* Console.error(Render.next(invitation.id, account))
    const strangers = Option.filter(
      account,
      (one) => !allowFrom.some(({ identity }) => accountOf(identity) === accountOf(one))
    )
    if (Option.isSome(strangers)) yield* Console.error(Render.stranger(strangers.value))
  }).pipe(Effect.provide(Layer.mergeAll(Settings.layer, proofs.layer)), Effect.provide(storage.layer))
