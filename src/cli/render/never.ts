import type { Pair } from "../../identity/Pair.js"
import * as Json from "./json.js"

/** What became of a wish never to be asked about two accounts again. */
export const sentence = (pair: Pair, changed: boolean): string =>
  changed
    ? `${pair.join(" and ")} will not be suggested for linking`
    : `${pair.join(" and ")} are never suggested for linking already; nothing was changed`

/** The same for programs. */
export const json = (pair: Pair, changed: boolean): string => Json.json({ never: pair.map(String), changed })
