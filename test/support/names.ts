import dns from "node:dns"
import * as Effect from "effect/Effect"

/** The errors of a resolver that does not know a name, and of one that cannot be asked. */
export type NameError = "ENOTFOUND" | "EAI_AGAIN"

/**
 * Names that end in `.test` are this machine, for all that this process connects to, until the resolver fails: then new
 * connections cannot be made, and those that there are go on, as it is when a network loses its name server.
 */
export const resolver = Effect.acquireRelease(
  Effect.sync(() => {
    const lookup = dns.lookup
    let failing: NameError | undefined
    type Done = (error: NodeJS.ErrnoException | null, address: unknown, family?: number) => void
    const known = (host: string, options: dns.LookupOptions, done: Done) => {
      if (!host.endsWith(".test")) return lookup(host, options, done as never)
      if (failing === undefined) return lookup("127.0.0.1", options, done as never)
      const error = Object.assign(new Error(`getaddrinfo ${failing} ${host}`), {
        code: failing,
        syscall: "getaddrinfo"
      })
      return process.nextTick(() => done(error, undefined))
    }
    Object.assign(dns, { lookup: known })
    return {
      restore: () => void Object.assign(dns, { lookup }),
      fail: (error: NameError) => Effect.sync(() => void (failing = error)),
      recover: Effect.sync(() => void (failing = undefined))
    }
  }),
  ({ restore }) => Effect.sync(restore)
)
