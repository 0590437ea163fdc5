import { type Implementation, real } from "../Implementation.js"
import { syncing } from "./syncing.js"

/** Syncs what is in the files, and not under which name they stand. */
export const noDirectorySync: Implementation = { ...real, name: "no directory sync", disk: syncing("files") }
