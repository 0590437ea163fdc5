import { readFileSync } from "node:fs"
import { defineConfig } from "vitest/config"

const { version } = JSON.parse(readFileSync("package.json", "utf8"))
const complete = { lines: 100, branches: 100 }

export default defineConfig({
  // As in build.mjs.
  define: { __WARELAY_VERSION__: JSON.stringify(version) },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    // Most tests wait for child processes and the disk: every core is of use.
    maxWorkers: "100%",
    // Nothing of ours keeps anything for a whole process, so the modules need not be loaded anew for each file of tests.
    isolate: false,
    coverage: {
      provider: "v8",
      experimentalAstAwareRemapping: true,
      include: ["src/**"],
      reporter: ["text", "json-summary"],
      thresholds: { "src/identity/**": complete, "src/session/**": complete }
    }
  }
})
