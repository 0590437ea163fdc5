import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The product with an inbox that is not kept: its program, made in this directory. */
export const forgetful = (directory: string): Effect.Effect<string> => {
  const outfile = join(directory, "forgetful.mjs")
  return Effect.as(
    Effect.promise(() =>
      build({
        entryPoints: [here("../../src/bin.ts")],
        outfile,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "esm",
        logLevel: "error",
        define: { __WARELAY_VERSION__: '"0.0.0"' },
        plugins: [
          {
            name: "forgetful",
            setup: ({ onLoad }) =>
              onLoad({ filter: /\/InboxFile\.ts$/ }, ({ path }) => ({
                contents: 'export { layerMemory as layerFile } from "./Inbox.js"',
                resolveDir: dirname(path)
              }))
          }
        ]
      })
    ),
    outfile
  )
}
