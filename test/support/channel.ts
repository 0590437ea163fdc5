import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { type Channel, ChannelFailed, type SendFailed, type Signals, unwatched } from "../../src/channels/Channel.js"
import type { ChannelName } from "../../src/channels/ChannelName.js"
import { Address, Message } from "../../src/channels/Message.js"

export interface Sent {
  readonly to: Address
  readonly part: string
}

/** A channel whose outside world is the test. */
export interface TestChannel extends Channel {
  /** A message comes in; it completes when the relay has accepted it. */
  readonly receive: (message: Message) => Effect.Effect<void>
  /** A direct message from this account of the channel's provider. */
  readonly say: (from: string, text: string, more?: Partial<typeof Message.Type>) => Effect.Effect<void>
  /** What is received fails at this point. */
  readonly breakDown: (failure: ChannelFailed) => Effect.Effect<void>
  /** It is let in, and says so. */
  readonly open: Effect.Effect<void>
  /** It says that nothing comes any more, and goes on. */
  readonly lose: (reason: string) => Effect.Effect<void>
  /** There is no more input. */
  readonly end: Effect.Effect<void>
  /** The next sends end like this, one each, before those after them succeed. */
  readonly failSends: (...failures: ReadonlyArray<Effect.Effect<void, SendFailed>>) => Effect.Effect<void>
  /** The next part that was delivered and not yet taken from here, waiting for it if there is none. */
  readonly nextSent: Effect.Effect<Sent>
  /** All parts that were delivered and not yet taken from here. */
  readonly allSent: Effect.Effect<ReadonlyArray<Sent>>
  /** How often "typing" was shown at each address, and how often receiving was begun and ended. */
  readonly seen: { readonly typing: Array<Address>; starts: number; ends: number }
}

type Step = (
  accept: (message: Message) => Effect.Effect<void, ChannelFailed>
) => Effect.Effect<"more" | "end", ChannelFailed>

let messages = 0

/** A direct message as the channels make them. Its address is no identity and no key. */
export const direct = (
  channel: Exclude<ChannelName, "console">,
  from: string,
  text: string,
  more: Partial<typeof Message.Type> = {}
): Message =>
  new Message({
    channel,
    id: `m${++messages}`,
    sender: { From: from, provider: channel, chatType: "direct" },
    author: from,
    address: Address.make(`<${from}>`),
    text,
    ...more
  })

/** A message that this author writes in a group. */
export const inGroup = (
  channel: Exclude<ChannelName, "console">,
  group: string,
  author: string,
  text: string
): Message =>
  direct(channel, author, text, {
    sender: { From: group, provider: channel, chatType: "group" },
    address: Address.make(`<${group}>`)
  })

export const make = (
  name: Exclude<ChannelName, "console">,
  { limit = 1_000 }: { readonly limit?: number } = {}
): Effect.Effect<TestChannel> =>
  Effect.gen(function* () {
    const steps = yield* Queue.unbounded<Step>()
    const sent = yield* Queue.unbounded<Sent>()
    const failures: Array<Effect.Effect<void, SendFailed>> = []
    let signals: Signals = unwatched
    const seen: TestChannel["seen"] = { typing: [], starts: 0, ends: 0 }

    const receive = (message: Message) =>
      Effect.async<void>((resume) => {
        Queue.unsafeOffer(steps, (accept) =>
          Effect.as(
            Effect.ensuring(
              accept(message),
              Effect.sync(() => resume(Effect.void))
            ),
            "more"
          )
        )
      })

    return {
      name,
      limit,
      run: (accept, given = unwatched) =>
        Effect.suspend(() => {
          seen.starts += 1
          signals = given
          return Effect.repeat(
            Effect.flatMap(Queue.take(steps), (step) =>
              step((message) =>
                Effect.mapError(accept(message), (error) => new ChannelFailed({ channel: name, reason: error.message }))
              )
            ),
            { until: (then) => then === "end" }
          )
        }).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              seen.ends += 1
            })
          ),
          Effect.asVoid
        ),
      send: (to, part) => Effect.suspend(() => failures.shift() ?? Effect.asVoid(Queue.offer(sent, { to, part }))),
      typing: (to) => Effect.sync(() => void seen.typing.push(to)),
      addressOf: ({ id }) => Option.some(Address.make(`<${id}>`)),
      receive,
      say: (from, text, more) => receive(direct(name, from, text, more)),
      breakDown: (failure) => Effect.asVoid(Queue.offer(steps, () => Effect.fail(failure))),
      open: Effect.suspend(() => signals.opened),
      lose: (reason) => signals.lost(reason),
      end: Effect.asVoid(Queue.offer(steps, () => Effect.succeed("end" as const))),
      failSends: (...more) => Effect.sync(() => void failures.push(...more)),
      nextSent: Queue.take(sent),
      allSent: Effect.map(Queue.takeAll(sent), Chunk.toReadonlyArray),
      seen
    }
  })
