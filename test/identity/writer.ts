// A process that links as many pairs of accounts as it is told to, each acknowledged by a line on stdout.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Decision } from "../../src/identity/Plan.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { the } from "./arbitrary.js"

const [directory = "", writer = "", count = ""] = process.argv.slice(2)

const layer = Identities.layer.pipe(
  Layer.provide([layerFile, SharedIds.layer]),
  Layer.provide(FileLock.layer),
  Layer.provide([NodeDisk.layer, Home.layerAt(directory)])
)

const program = Effect.flatMap(Identities.Identities, ({ change }) =>
  Effect.forEach(
    Array.from({ length: Number(count) }, (_, n) => [`${writer}0${n + 1}`, `${writer}1${n + 1}`]),
    (ids) =>
      Effect.flatMap(
        change(
          Decision.Link({
            identities: ids.map((id) => the("telegram", id)),
            name: Option.none(),
            keep: Option.none()
          })
        ),
        () => Effect.sync(() => process.stdout.write(`${ids.join(" ")}\n`))
      ),
    { discard: true }
  )
)

void Effect.runPromise(Effect.provide(program, layer))
