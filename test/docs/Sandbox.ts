import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join, resolve } from "node:path"

/** A user with an empty home and the built command on the PATH, put there as npm does. */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), "warelay-docs-"))
  readonly home = join(this.directory, "home")
  readonly command = join(this.directory, "bin", "warelay")
  readonly environment: Record<string, string>

  constructor() {
    const commands = dirname(this.command)
    mkdirSync(commands)
    mkdirSync(join(this.home, ".clawdis"), { recursive: true })
    symlinkSync(resolve("dist/bin.cjs"), this.command)
    this.environment = {
      HOME: this.home,
      PATH: [commands, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      WARELAY_AGENT_ECHO: "true",
      // As on a terminal, which is what documents show.
      WARELAY_LOG_FORMAT: "text"
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A shell that is typed into: what is exported, and `$?`, is there for the next command. */
export class Shell {
  private readonly end = randomUUID()
  private readonly process
  private output = ""
  private look = () => {}

  constructor({ environment, home }: Sandbox) {
    this.process = spawn("sh", { cwd: home, env: environment })
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.output += text
      this.look()
    })
    this.process.on("close", () => this.look())
    // On a terminal the two are one.
    this.process.stdin.write("exec 2>&1\n")
  }

  /** What the command says, with the home directory under the name that documents give it. */
  async run(command: string, home: string): Promise<string> {
    this.output = ""
    const mark = `\n${this.end}\n`
    this.process.stdin.write(`${command}\nstatus=$?; printf '\\n%s\\n' ${this.end}; (exit $status)\n`)
    await new Promise<void>((done, failed) => {
      this.look = () => {
        if (this.output.endsWith(mark)) done()
        else if (this.process.exitCode !== null) failed(new Error(`the shell has ended: ${this.output}`))
      }
    })
    return this.output.slice(0, -mark.length).replaceAll(home, "/home/you").trimEnd()
  }

  close(): Promise<void> {
    return new Promise((done) => {
      this.process.on("close", () => done())
      this.process.stdin.end()
    })
  }
}
