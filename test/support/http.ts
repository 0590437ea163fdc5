import { connect } from "node:net"
import * as Effect from "effect/Effect"

/** What came back, as far as tests look at it. */
export interface Response {
  readonly status: number
  readonly allow: string | null
  readonly body: string
}

export const request = (url: string, init: RequestInit): Effect.Effect<Response> =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { ...init, signal })
    return { status: response.status, allow: response.headers.get("allow"), body: await response.text() }
  })

/** Writes bytes to a port and reads what comes back until the other side ends. */
export const raw = (port: number, text: string): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    let received = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    socket.setEncoding("utf8")
    socket.on("data", (data: string) => {
      received += data
    })
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(received)))
    return Effect.sync(() => socket.destroy())
  })
