import type * as Data from "effect/Data"
import type { Decision } from "../../identity/Decision.js"

/** The command that carries out a decision to link. Nothing in it means anything to a shell. */
export const linkLine = ({ identities, into, onConflict }: Data.TaggedEnum.Value<Decision, "Link">): string =>
  [
    "warelay identity link",
    ...(into === undefined ? [] : [`--into ${into}`]),
    ...identities.map(({ id, provider }) => `--${provider} ${id}`),
    ...(onConflict === undefined ? [] : [`--on-conflict ${onConflict}`])
  ].join(" ")
