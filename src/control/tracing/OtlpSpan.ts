import { randomBytes } from "node:crypto"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Tracer from "effect/Tracer"
import { bug, logLine } from "../../relay/LogLine.js"

type Attributes = Readonly<Record<string, unknown>>

/** The numbers of the protocol (opentelemetry-proto, trace.proto). */
const kinds: Record<Tracer.SpanKind, number> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const ok = 1
const error = 2

/** Where in the source a span was begun is of no use to those who read traces, and takes more room than all the rest. */
const unwanted = new Set(["code.stacktrace"])

/** No number in it shows more than its last four digits, and in JSON only an integer that is safe is one for everybody. */
const valueOf = (value: unknown) => {
  if (Predicate.isBoolean(value)) return { boolValue: value }
  const plain = String(value)
  const shown = logLine(plain)
  if (!Predicate.isNumber(value) || !Number.isFinite(value) || shown !== plain) return { stringValue: shown }
  return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
}

const attributesOf = (attributes: Iterable<readonly [string, unknown]>) =>
  Array.from(attributes)
    .filter(([key]) => !unwanted.has(key))
    .map(([key, value]) => ({ key, value: valueOf(value) }))

/** What went wrong, as the log would have it: of a bug, only where it is. */
const reasonOf = (cause: Cause.Cause<unknown>): string =>
  Option.match(Cause.failureOption(cause), {
    onSome: (failure) => logLine(failure instanceof Error ? failure.message : String(failure)),
    onNone: () => Option.match(Cause.dieOption(cause), { onNone: () => "interrupted", onSome: bug })
  })

const statusOf = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)
    ? { code: ok }
    : { code: error, message: reasonOf(exit.cause) }

const hex = (bytes: number): string => randomBytes(bytes).toString("hex")

/** A span in OTLP's JSON (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
export type Encoded = ReturnType<OtlpSpan["encoded"]>

/** A span that hands itself over when it ends. */
export class OtlpSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly spanId = hex(8)
  readonly traceId: string
  readonly sampled = true
  readonly attributes = new Map<string, unknown>()
  readonly links: Array<Tracer.SpanLink>
  status: Tracer.SpanStatus
  private readonly events: Array<{ readonly name: string; readonly at: bigint; readonly attributes: Attributes }> = []

  constructor(
    readonly name: string,
    readonly parent: Option.Option<Tracer.AnySpan>,
    readonly context: Context.Context<never>,
    links: ReadonlyArray<Tracer.SpanLink>,
    private readonly startTime: bigint,
    readonly kind: Tracer.SpanKind,
    private readonly handOver: (span: Encoded) => void
  ) {
    this.traceId = Option.match(parent, { onNone: () => hex(16), onSome: ({ traceId }) => traceId })
    this.links = [...links]
    this.status = { _tag: "Started", startTime }
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    this.status = { _tag: "Ended", startTime: this.startTime, endTime, exit }
    this.handOver(this.encoded(endTime, exit))
  }

  attribute(key: string, value: unknown): void {
    this.attributes.set(key, value)
  }

  event(name: string, at: bigint, attributes: Attributes = {}): void {
    this.events.push({ name, at, attributes })
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.links.push(...links)
  }

  encoded(endTime: bigint, exit: Exit.Exit<unknown, unknown>) {
    return {
      traceId: this.traceId,
      spanId: this.spanId,
      ...Option.match(this.parent, { onNone: () => ({}), onSome: ({ spanId }) => ({ parentSpanId: spanId }) }),
      name: this.name,
      kind: kinds[this.kind],
      startTimeUnixNano: String(this.startTime),
      endTimeUnixNano: String(endTime),
      attributes: attributesOf(this.attributes),
      events: this.events.map(({ at, attributes, name }) => ({
        timeUnixNano: String(at),
        name: logLine(name),
        attributes: attributesOf(Object.entries(attributes))
      })),
      links: this.links.map(({ attributes, span }) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        attributes: attributesOf(Object.entries(attributes))
      })),
      status: statusOf(exit)
    }
  }
}
