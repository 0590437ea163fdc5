import { spawnSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { StorageFailed } from "../../src/storage/StorageError.js"
import { bin, mapping, mapText, pair, type Ran } from "../cli/command.js"
import { directory } from "../support/home.js"
import { command } from "./in-process.js"

const doctor = ["identity", "doctor"]
const text = mapText(mapping("shared-abc-123", { identities: { telegram: "7" } }))

/** A way to get in the way of a change, by what the operating system says of it. */
interface Obstacle {
  readonly code: string
  readonly what: string
  /** Makes the obstacle in a directory, and says where the home is. */
  readonly put: (above: string) => string
  /** What has to be said: what it is, and what can be done. */
  readonly says: readonly [what: string, next: string]
  /** What the doctor names, from the home; absent where nothing is there to look at. */
  readonly named?: string
}

const homeIn = (above: string): string => {
  const home = join(above, "home")
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(join(home, "identity-map.json"), text, { mode: 0o600 })
  return home
}

const inItsWay = (name: string, put: (path: string) => void) => (above: string) => {
  const home = homeIn(above)
  put(join(home, name))
  return home
}

const obstacles: ReadonlyArray<Obstacle> = [
  {
    code: "ENOTDIR",
    what: "a file in the place of the home",
    put: (above) => {
      writeFileSync(join(above, "file"), "")
      return join(above, "file")
    },
    says: ["A file stands where a directory should be", "set WARELAY_HOME to another directory"],
    named: ""
  },
  {
    code: "ENAMETOOLONG",
    what: "a name that no file system takes",
    put: (above) => join(above, "x".repeat(300)),
    says: ["The path is too long", "Set WARELAY_HOME to a shorter one"],
    named: ""
  },
  {
    code: "ELOOP",
    what: "a home that is a link to itself",
    put: (above) => {
      symlinkSync("loop", join(above, "loop"))
      return join(above, "loop")
    },
    says: ["Its symbolic links form a loop", "Correct the links"],
    named: ""
  },
  {
    code: "EISDIR",
    what: "a directory in the place of the lock",
    put: inItsWay("identity-map.json.lock", (path) => mkdirSync(path)),
    says: ["A directory stands where a file should be", "Where it is: warelay identity doctor"],
    named: "/identity-map.json.lock"
  },
  {
    code: "EISDIR",
    what: "a directory in the place of the version before",
    put: inItsWay("identity-map.json.bak", (path) => mkdirSync(path)),
    says: ["A directory stands where a file should be", "Where it is: warelay identity doctor"],
    named: "/identity-map.json.bak"
  },
  {
    code: "EISDIR",
    what: "a directory among what killed processes leave",
    put: inItsWay("identity-map.json.a1.tmp", (path) => mkdirSync(path)),
    says: ["A directory stands where a file should be", "Where it is: warelay identity doctor"],
    named: "/identity-map.json.a1.tmp"
  },
  {
    code: "ENXIO",
    what: "a socket in the place of the file",
    put: (above) => {
      const home = join(above, "home")
      mkdirSync(home, { mode: 0o700 })
      const listen = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
      spawnSync(process.execPath, ["-e", listen, join(home, "identity-map.json")])
      return home
    },
    says: ["A socket or a device stands where a file should be", "Move it away"],
    named: "/identity-map.json"
  }
]

const obeys = ({ code, named, says }: Obstacle, home: string, change: Ran, diagnosis: Ran) => {
  assert.deepStrictEqual([change.status, change.stdout], [1, ""])
  const said = change.stderr.trimEnd().split("\n").at(-1) ?? ""
  assert.isTrue(said.startsWith("error: "), change.stderr)
  for (const part of says) assert.include(said, part)
  assert.include(said, join(home, "identity-map.json"))
  assert.match(said, /nothing was changed|it was left as it is/)
  if (code !== "ENXIO" && existsSync(join(home, "identity-map.json"))) {
    chmodSync(home, 0o700)
    chmodSync(join(home, "identity-map.json"), 0o600)
    assert.strictEqual(readFileSync(join(home, "identity-map.json"), "utf8"), text)
  }
  if (named === undefined) return
  assert.strictEqual(diagnosis.status, 1)
  assert.include(diagnosis.stdout, `${home}${named}: `)
}

describe("what is in the way of a change is told, with what to do, and the doctor finds it", () => {
  it.scopedLive.each(obstacles)("$code: $what", (obstacle) =>
    Effect.gen(function* () {
      const home = obstacle.put(yield* directory)
      obeys(obstacle, home, yield* command(home, pair), yield* command(home, doctor))
    })
  )

  /** To root, no mode is in the way, so root tries it as nobody. */
  const nobody = { uid: 65534, gid: 65534 }
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? nobody : {}
  const as = (home: string, argv: ReadonlyArray<string>): Ran => {
    const env = { PATH: process.env["PATH"], WARELAY_HOME: home }
    const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...argv], { ...user, encoding: "utf8", env })
    return { status: status ?? -1, stderr, stdout }
  }
  const cannot = as("/", ["--version"]).status !== 0
  const why = cannot ? " (root can be nobody else here)" : ""

  const denied: ReadonlyArray<Obstacle> = [
    {
      code: "EACCES",
      what: "a home that is somebody else's",
      put: (above) => {
        const home = homeIn(above)
        chmodSync(home, 0)
        return home
      },
      says: ["Permission denied", "Run it as the user who owns the file"],
      named: ""
    },
    {
      code: "EACCES",
      what: "a file that may not be read",
      put: (above) => {
        const home = homeIn(above)
        if (isRoot) chownSync(home, nobody.uid, nobody.gid)
        chmodSync(join(home, "identity-map.json"), 0)
        return home
      },
      says: ["Permission denied", "Run it as the user who owns the file"],
      named: "/identity-map.json"
    },
    {
      code: "EACCES",
      what: "a directory in which nothing may be made",
      put: (above) => {
        const home = homeIn(above)
        if (isRoot) for (const path of ["identity-map.json", ""]) chownSync(join(home, path), nobody.uid, nobody.gid)
        chmodSync(home, 0o500)
        return home
      },
      says: ["Permission denied while saving", "Run it as the user who owns the file"]
    }
  ]
  for (const obstacle of denied) {
    it.scopedLive.skipIf(cannot)(`${obstacle.code}: ${obstacle.what}${why}`, () =>
      Effect.gen(function* () {
        const above = yield* directory
        chmodSync(above, 0o755)
        const home = obstacle.put(above)
        obeys(obstacle, home, as(home, pair), as(home, doctor))
      })
    )
  }
})

describe("a failure of the operating system", () => {
  const codes = [
    ...[
      "ENOSPC",
      "EDQUOT",
      "EROFS",
      "EACCES",
      "EPERM",
      "EMFILE",
      "ENFILE",
      "ENOMEM",
      "EIO",
      "ENOENT",
      "EISDIR",
      "ENOTDIR"
    ],
    ...[
      "ENXIO",
      "ELOOP",
      "ENAMETOOLONG",
      "EBUSY",
      "EXDEV",
      "EFBIG",
      "ESTALE",
      "ENOLCK",
      "ENOTSUP",
      "EOPNOTSUPP",
      "ENOSYS"
    ]
  ]
  const file = "/home/you/.clawdis/identity-map.json"
  const told = (code: string, more: Partial<ConstructorParameters<typeof StorageFailed>[0]> = {}) =>
    new StorageFailed({ file, doing: "saving", code, state: "unchanged", ...more }).message

  it.each(codes)("%s is told in words: what, where, what has become of the file, and what to do", (code) => {
    assert.notInclude(told(code), code)
    assert.match(told(code), /^[A-Z][^.]+ while saving identity-map\.json \([^)]+\); nothing was changed\. [A-Z].*\.$/)
    assert.include(told(code), `(${file})`)
    assert.include(told(code, { doing: "reading" }), "; it was left as it is. ")
  })

  it("that nobody has heard of is told by its name", () => {
    assert.include(told("EWHATEVER"), "The operating system reported EWHATEVER while saving")
  })

  it("after which the change stands, but may be lost, is told as that", () => {
    const said = told("EIO", { state: "unsynced" })
    assert.include(said, "the change was made, but may be lost if the power fails now")
    assert.notInclude(said, "nothing was changed")
  })
})
