import * as Http from "node:http"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Home } from "../config/Home.js"
import type { Identity } from "../identity/Identity.js"
import { Disk } from "../storage/Disk.js"
import { FileLock } from "../storage/FileLock.js"
import { Refusal, Sending } from "./ControlApp.js"
import { Sent } from "./Sender.js"
import { fits } from "./SocketPath.js"
import { Status } from "./Status.js"

/** There is no relay to ask. */
class RelayNotRunning extends Schema.TaggedError<RelayNotRunning>()("RelayNotRunning", { home: Schema.String }) {
  override get message(): string {
    return `no relay is running with the home ${this.home}. Start one: warelay relay`
  }
}

/** There is one, and it cannot be asked. */
class RelaySilent extends Schema.TaggedError<RelaySilent>()("RelaySilent", {
  home: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `a relay is running with the home ${this.home}, but it cannot be asked: ${this.reason}`
  }
}

/** Whether there is one, others can tell. */
class RelayHidden extends Schema.TaggedError<RelayHidden>()("RelayHidden", { home: Schema.String }) {
  override get message(): string {
    return (
      `whether a relay is running with the home ${this.home} cannot be told: permission denied. ` +
      "Run it as the user whose home it is, or correct the permissions."
    )
  }
}

/** The relay did not do what it was asked for. `reason` is its own sentence. */
class RelayRefused extends Schema.TaggedError<RelayRefused>()("RelayRefused", { reason: Schema.String }) {
  override get message(): string {
    return this.reason
  }
}

/** Nobody could be asked. `code` is the errno's name. */
class Unreachable extends Data.TaggedError("Unreachable")<{ readonly code: string }> {}

interface Answer {
  readonly status: number
  readonly body: string
}

const exchange = (socketPath: string, method: "GET" | "POST", path: string, body: string) =>
  Effect.async<Answer, Unreachable>((resume) => {
    const failed = (error: NodeJS.ErrnoException) => resume(new Unreachable({ code: error.code ?? error.name }))
    const request = Http.request({ socketPath, method, path, agent: false }, (response) => {
      const parts: Array<string> = []
      response.setEncoding("utf8")
      response.on("data", (part: string) => parts.push(part))
      response.on("error", failed)
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, body: parts.join("") })))
    })
    request.on("error", failed)
    request.setHeader("content-type", "application/json")
    request.end(body)
    return Effect.sync(() => request.destroy())
  })

/** Somebody holds the relay's lock. To look at it takes it for a moment, which a relay that starts waits for. */
const isRunning = Effect.gen(function* () {
  const { relayLock } = yield* Home
  const disk = yield* Disk
  const lock = yield* FileLock
  if (Option.isNone(yield* disk.stat(relayLock))) return false
  yield* Effect.scoped(lock.hold(relayLock, Duration.millis(100)))
  return false
}).pipe(
  Effect.catchTag("LockHeld", () => Effect.succeed(true)),
  Effect.orElseSucceed(() => false)
)

const nobodyListens = new Set(["ENOENT", "ENOTDIR", "ECONNREFUSED"])

const explained = ({ code }: Unreachable) =>
  Effect.gen(function* () {
    const { directory: home } = yield* Home
    if (code === "EACCES") return yield* new RelayHidden({ home })
    if (!nobodyListens.has(code)) {
      const reason = `the connection broke off (${code}). Look at its log for what became of it`
      return yield* new RelaySilent({ home, reason })
    }
    if (!(yield* isRunning)) return yield* new RelayNotRunning({ home })
    const reason = "it has only just been started, or could not make its socket, and then its log says why"
    return yield* new RelaySilent({ home, reason })
  })

const decodeRefusal = Schema.decodeOption(Schema.parseJson(Refusal))

const ask = <A, I>(answer: Schema.Schema<A, I>, method: "GET" | "POST", path: string, body = "") =>
  Effect.gen(function* () {
    const { directory: home, relaySocket } = yield* Home
    const reach = fits(relaySocket) ? exchange(relaySocket, method, path, body) : new Unreachable({ code: "ENOENT" })
    const said = yield* Effect.catchTag(reach, "Unreachable", explained)
    if (said.status !== 200) {
      const reason = Option.match(decodeRefusal(said.body), {
        onNone: () => `the relay answered with HTTP status ${said.status}`,
        onSome: ({ error }) => error
      })
      return yield* new RelayRefused({ reason })
    }
    return yield* Effect.mapError(
      Schema.decode(Schema.parseJson(answer))(said.body),
      () => new RelaySilent({ home, reason: "it is of another version. Restart it after an upgrade" })
    )
  })

/** A relay that is alive answers at once. */
const patience = Duration.seconds(10)

const asked = <A, I>(answer: Schema.Schema<A, I>) =>
  Effect.flatMap(Home, ({ directory: home }) =>
    Effect.timeoutFail(ask(answer, "GET", "/status"), {
      duration: patience,
      onTimeout: () =>
        new RelaySilent({ home, reason: `it did not answer within ${Duration.format(patience)}. Look at its log` })
    })
  )

/** How the relay with this home is. */
export const status = asked(Status)

const encodeSending = Schema.encode(Schema.parseJson(Sending))

/**
 * Has the relay with this home send a text; succeeds when the provider has taken it. That may take minutes, so it is asked
 * first whether it is alive.
 */
export const send = (to: Identity, text: string) =>
  Effect.zipRight(
    asked(Schema.Unknown),
    Effect.flatMap(Effect.orDie(encodeSending({ to, text })), (body) => ask(Sent, "POST", "/send", body))
  )
