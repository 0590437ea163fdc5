import * as Option from "effect/Option"
import type { Message } from "../channels/Message.js"
import type { InboxLine } from "./InboxLine.js"

/** Names a message among all channels. */
export const nameOf = ({ channel, id }: Pick<Message, "channel" | "id">): string => `${channel} ${id}`

/** A message that is not done with. */
export interface Left {
  readonly message: Message
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  /** What there is to say to it, and how many parts of that were sent. */
  readonly answer: Option.Option<{ readonly text: string; readonly sent: number }>
  /** Why that could not be delivered. */
  readonly undelivered: Option.Option<string>
}

/** Providers deliver again within days, if they do at all. */
const remembered = 7 * 24 * 60 * 60 * 1000

/** As many messages as are remembered at most after they are done with. */
const most = 50_000

/** What is in an inbox, made of its lines one after another. */
export interface InboxContents {
  /** What is not done with, in the order in which it came. */
  readonly left: ReadonlyMap<string, Left>
  readonly knows: (name: string) => boolean
  readonly take: (line: InboxLine) => void
  /** Lines that tell all that is still worth knowing. `now` in milliseconds since 1970. */
  readonly lines: (now: number) => ReadonlyArray<InboxLine>
}

export const make = (): InboxContents => {
  const left = new Map<string, Left>()
  /** When messages were done with, the latest last. */
  const done = new Map<string, number>()

  const change = (name: string, fields: Partial<Left>): void => {
    const found = left.get(name)
    if (found !== undefined) left.set(name, { ...found, ...fields })
  }

  return {
    left,
    knows: (name) => left.has(name) || done.has(name),

    take: (line) => {
      if ("received" in line) {
        const { at, received: message } = line
        left.set(nameOf(message), { message, at, answer: Option.none(), undelivered: Option.none() })
      } else if ("answered" in line) {
        change(line.answered, { answer: Option.some({ text: line.text, sent: 0 }) })
      } else if ("sent" in line) {
        const answer = left.get(line.sent)?.answer ?? Option.none()
        change(line.sent, { answer: Option.map(answer, ({ text }) => ({ text, sent: line.parts })) })
      } else if ("undelivered" in line) {
        change(line.undelivered, { undelivered: Option.some(line.reason) })
      } else {
        left.delete(line.done)
        done.delete(line.done)
        done.set(line.done, line.at)
      }
    },

    lines: (now) => {
      for (const [name, at] of done) {
        if (done.size <= most && now - at <= remembered) break
        done.delete(name)
      }
      return [
        ...Array.from(done, ([name, at]) => ({ done: name, at })),
        ...Array.from(left).flatMap(
          ([name, { answer, at, message, undelivered }]): ReadonlyArray<InboxLine> => [
            { received: message, at },
            ...Option.toArray(answer).flatMap(({ sent, text }) => [
              { answered: name, text },
              { sent: name, parts: sent }
            ]),
            ...Option.toArray(undelivered).map((reason) => ({ undelivered: name, reason }))
          ]
        )
      ]
    }
  }
}
