import { type Implementation, real } from "../Implementation.js"
import { syncing } from "./syncing.js"

/** Saves, and leaves it to the system when the bytes get to the device. Directories are synced. */
export const noSync: Implementation = { ...real, name: "no sync", disk: syncing("directories") }
