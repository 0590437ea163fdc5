import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/** WhatsApp has taken this device off the account. Its credentials are worth nothing from now on. */
export class WhatsAppLoggedOut extends Schema.TaggedError<WhatsAppLoggedOut>()("WhatsAppLoggedOut", {}) {
  override get message(): string {
    return (
      "WhatsApp has logged this device out: it was removed on the phone, or was not used for too long. " +
      "Link it again: warelay login"
    )
  }
}

/** WhatsApp will not have this account or this device, and trying again would not change that. */
export class WhatsAppRefused extends Schema.TaggedError<WhatsAppRefused>()("WhatsAppRefused", {
  status: Schema.Number
}) {
  override get message(): string {
    if (this.status === 402) {
      return (
        "WhatsApp has banned this account for a time (402): look on the phone for how long, and start the relay again " +
        "when that is over"
      )
    }
    return (
      `WhatsApp refuses this account (${this.status}): look on the phone whether it is blocked or restricted, ` +
      "and when it is not any more: warelay logout, then warelay login"
    )
  }
}

/** WhatsApp wants this device to connect anew, as it does once after every login. */
export class WhatsAppRestart extends Schema.TaggedError<WhatsAppRestart>()("WhatsAppRestart", {}) {
  override get message(): string {
    return "WhatsApp asks for a new connection again and again"
  }
}

/** The connection is gone, or there never was one. `reason` is a sentence without secrets and numbers. */
export class WhatsAppLost extends Schema.TaggedError<WhatsAppLost>()("WhatsAppLost", { reason: Schema.String }) {
  override get message(): string {
    return this.reason
  }
}

/** WhatsApp answered no to one request. The connection is not concerned. */
export class WhatsAppDeclined extends Schema.TaggedError<WhatsAppDeclined>()("WhatsAppDeclined", {
  status: Schema.Number
}) {
  override get message(): string {
    if (this.status === 463) {
      return "WhatsApp does not let this account begin a conversation with this person (463); they have to write first"
    }
    return this.status === 403 || this.status === 404 || this.status === 406
      ? `WhatsApp does not let this account write there (${this.status})`
      : `WhatsApp declined it (${this.status})`
  }
}

/** Why a connection has ended. */
export type WhatsAppEnd = WhatsAppLoggedOut | WhatsAppRefused | WhatsAppRestart | WhatsAppLost

const statusOf = (error: unknown): Option.Option<number> =>
  Predicate.hasProperty(error, "output") &&
  Predicate.hasProperty(error.output, "statusCode") &&
  Predicate.isNumber(error.output.statusCode)
    ? Option.some(error.output.statusCode)
    : Option.none()

/** Node's name for what is wrong with the network, such as ENOTFOUND. What WhatsApp says can have a `code`, too, a number. */
const codeOf = (error: unknown): Option.Option<string> => {
  if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code) && /^[A-Z][A-Z0-9_]+$/.test(error.code)) {
    return Option.some(error.code)
  }
  return Predicate.hasProperty(error, "data") ? codeOf(error.data) : Option.none()
}

/** The messages of Baileys' errors are never passed on: nobody knows what is in them. */
export const endOf = (host: string, error: unknown): WhatsAppEnd => {
  const lost = (reason: string) => new WhatsAppLost({ reason })
  const code = codeOf(error)
  if (Option.isSome(code)) return lost(`no connection to ${host} (${code.value}); check the network`)
  const status = Option.getOrElse(statusOf(error), () => 500)
  switch (status) {
    case 401:
      return new WhatsAppLoggedOut()
    case 402:
    case 403:
    case 411:
      return new WhatsAppRefused({ status })
    case 405:
      return lost("WhatsApp says that this version is too old (405); install a newer warelay")
    case 408:
      return lost(`${host} did not answer in time`)
    case 428:
      return lost(`${host} has closed the connection`)
    case 440:
      return lost("another program has connected with the same login (440); stop it, or it will happen again")
    case 515:
      return new WhatsAppRestart()
    case 503:
      return lost("WhatsApp is not available at the moment (503)")
    default:
      return lost(`the connection to ${host} broke (${status})`)
  }
}

/** Baileys has the number of the answer in `data`, and one of its own elsewhere. */
export const declinedBy = (error: unknown): WhatsAppDeclined => {
  const data = Predicate.hasProperty(error, "data") && Predicate.isNumber(error.data) ? error.data : undefined
  return new WhatsAppDeclined({ status: data ?? Option.getOrElse(statusOf(error), () => 500) })
}
