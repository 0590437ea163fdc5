import { masked } from "../config/Masked.js"

/** Escape sequences of terminals (ECMA-48). */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g

/** What looks like a key or a token whoever issued it: `sk-ant-…`, `Bearer …`, or a long run without a break. */
const keys = /\bsk-[\w-]{6,}|\bBearer\s+\S+|\b(?![0-9a-f]{8}-[0-9a-f]{4}-)[\w-]{32,}/gi

/**
 * The last line of what a command said, fit for a log: no control characters, no secret, no phone number, at most 300
 * characters. `secrets` are values that must not appear, whatever they look like.
 */
export const reason = (output: string, secrets: ReadonlyArray<string>): string => {
  const line = output
    .replace(escapes, "")
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replace(/[\p{C}\p{Z}]+/gu, " ").trim())
    .findLast((line) => line !== "")
  const open = secrets.reduce((text, secret) => text.replaceAll(secret, "…"), line ?? "")
  const safe = masked(open.replace(keys, "…"))
  return safe.length > 300 ? `${safe.slice(0, 300).replace(/\p{Cs}$/u, "")}…` : safe
}
