import * as Effect from "effect/Effect"
import { type Disk, DiskError } from "../../src/storage/Disk.js"

/** A file system that can neither exchange files nor give a new one a second name, so that everything is put in place by renaming. */
export const byRename = (disk: Disk["Type"]): Disk["Type"] => ({
  ...disk,
  swap: (_, path) => Effect.fail(new DiskError({ operation: "swap", path, code: "EINVAL" })),
  link: (from, to) =>
    from.endsWith(".tmp")
      ? Effect.fail(new DiskError({ operation: "link", path: to, code: "EPERM" }))
      : disk.link(from, to)
})
