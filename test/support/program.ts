import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { build } from "esbuild"

/** A program in TypeScript as one text for Node, and the files that are in it. What it imports is beside `file`. */
export const bundled = (program: string, file: string) =>
  Effect.promise(() =>
    build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL(".", file)) },
      bundle: true,
      platform: "node",
      format: "cjs",
      write: false,
      metafile: true,
      logLevel: "silent"
    })
  ).pipe(
    Effect.map(({ metafile, outputFiles }) => ({
      text: outputFiles[0]?.text ?? "",
      files: Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))
    }))
  )

/** What a command prints that gets this on its standard input and ends well. */
export const printedBy = (command: string, line: ReadonlyArray<string>, input: string) =>
  Effect.async<string, Error>((resume) => {
    const child = execFile(command, line, { timeout: 20_000 }, (error, stdout) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
    child.stdin?.end(input)
  })
