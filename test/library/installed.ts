import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

const { resolve } = createRequire(import.meta.url)

/** Where programs find a face of the library: through the package's own exports, as it was built. */
export const addressOf = (specifier: "warelay" | "warelay/promise"): string => pathToFileURL(resolve(specifier)).href

export const promiseFace = (): Promise<typeof import("../../src/promise.js")> =>
  import(/* @vite-ignore */ addressOf("warelay/promise"))

export const effectFace = (): Promise<typeof import("../../src/index.js")> =>
  import(/* @vite-ignore */ addressOf("warelay"))
