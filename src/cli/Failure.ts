import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Refusal } from "../identity/IdentityError.js"
import { masked } from "../config/Masked.js"
import { printableLines } from "../config/Printable.js"
import { textOf } from "./Text.js"

/** What a command ends with: sysexits' 70 for a bug, and 128 and the signal's number for Ctrl-C. */
export const ExitStatus = { done: 0, refused: 1, usage: 2, bug: 70, interrupted: 130 } as const

/** What is said on stderr, and the exit status. */
export interface Failure {
  readonly status: number
  readonly text: string
}

/** Errors of a service that say how the command was meant to be used. */
const misused = new Set<unknown>(["TooFewIdentities", "IdentityNotInMapping"] satisfies ReadonlyArray<Refusal["_tag"]>)

/** Who is in a mapping that is there, nobody can tell by the line. */
const isMisused = (error: unknown): boolean =>
  Predicate.hasProperty(error, "_tag") &&
  misused.has(error._tag) &&
  !(Predicate.hasProperty(error, "id") && error.id !== undefined)

const sentence = (error: { readonly message: string }): string => `error: ${printableLines(error.message)}`

/** `help` is the command that shows how it is done. */
export const failureOf = (cause: Cause.Cause<unknown>, help: string): Failure => {
  const failure = Cause.failureOption(cause)
  if (Option.isNone(failure)) {
    return Cause.isInterruptedOnly(cause)
      ? { status: ExitStatus.interrupted, text: "" }
      : {
          status: ExitStatus.bug,
          text: `error: this is a bug in warelay, please report it: ${printableLines(masked(Cause.pretty(cause)))}`
        }
  }
  const error = failure.value
  if (ValidationError.isValidationError(error)) {
    const text = printableLines(textOf(error.error, "; "))
    return { status: ExitStatus.usage, text: `error: ${text}. How to: ${help}` }
  }
  const status = isMisused(error) ? ExitStatus.usage : ExitStatus.refused
  return { status, text: sentence(error instanceof Error ? error : { message: String(error) }) }
}
