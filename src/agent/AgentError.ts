import * as Schema from "effect/Schema"

/*
 * Each error has two sentences. `message` is for whoever runs the relay: what happened, what to do next. `forSender`
 * is what the person who wrote receives: honest, short, and nothing about the machine.
 */

const notSetUp =
  "I cannot answer right now: Claude is not set up properly here. Whoever runs this relay can see why in its log."

/** There is no such command. */
export class AgentNotFound extends Schema.TaggedError<AgentNotFound>()("AgentNotFound", { command: Schema.String }) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} was not found. Install it, or set agent.command in the configuration to its full path.`
  }
  get forSender(): string {
    return notSetUp
  }
}

/** There is a command, but the system could not start it. `reason` is the system's own. */
export class AgentNotStarted extends Schema.TaggedError<AgentNotStarted>()("AgentNotStarted", {
  command: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} could not be started: ${this.reason}. Check agent.command in the configuration and the rights of its file.`
  }
  get forSender(): string {
    return notSetUp
  }
}

/** The command ended without an answer. `status` is its exit status or the signal that ended it. */
export class AgentExited extends Schema.TaggedError<AgentExited>()("AgentExited", {
  command: Schema.String,
  status: Schema.Union(Schema.Int, Schema.String),
  /** The last line of its error output, without secrets; may be empty. */
  reason: Schema.String
}) {
  override get message(): string {
    const how = typeof this.status === "number" ? `with status ${this.status}` : `on ${this.status}`
    const said = this.reason === "" ? "and said nothing about why" : `saying: ${this.reason}`
    return `The command ${JSON.stringify(this.command)} ended ${how}, ${said}. Run it by hand to see more.`
  }
  get forSender(): string {
    return "Claude could not answer that: something went wrong on my side. Please try again later."
  }
}

/** The command answered that it could not answer. */
export class AgentReportedError extends Schema.TaggedError<AgentReportedError>()("AgentReportedError", {
  command: Schema.String,
  /** What it reported, without secrets. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} reported: ${this.reason}. If it asks for a login, log in by running it once by hand as the relay's user.`
  }
  get forSender(): string {
    return "Claude could not answer just now. Please try again later."
  }
}

/** The conversation is longer than the agent can read. Only a new one helps. */
export class ConversationTooLong extends Schema.TaggedError<ConversationTooLong>()("ConversationTooLong", {
  command: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} reported: ${this.reason}. The conversation has outgrown the model; its sender has to start a new one with /new.`
  }
  get forSender(): string {
    return "Our conversation, or this message, has become too long for Claude. Send /new to start a new conversation."
  }
}

/** No answer came in time, and the command with all that it had started was ended. */
export class AgentTimedOut extends Schema.TaggedError<AgentTimedOut>()("AgentTimedOut", {
  command: Schema.String,
  seconds: Schema.Number
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} gave no answer within ${this.seconds} s and was ended. If answers need longer, raise agent.timeoutSeconds in the configuration; if they never come, check its login and its network.`
  }
  get forSender(): string {
    return "Claude took too long to answer, so I stopped waiting. Please try again, perhaps with a shorter question."
  }
}

/** The command ended well and said nothing. */
export class AgentAnswerEmpty extends Schema.TaggedError<AgentAnswerEmpty>()("AgentAnswerEmpty", {
  command: Schema.String
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} ended well, but its answer is empty. If this goes on, run it by hand to see why.`
  }
  get forSender(): string {
    return "Claude had no answer to that. Please try saying it in another way."
  }
}

/** The command ended well, but what it printed has no answer in it. */
export class AgentOutputUnreadable extends Schema.TaggedError<AgentOutputUnreadable>()("AgentOutputUnreadable", {
  command: Schema.String,
  /** How much it printed. */
  bytes: Schema.Int
}) {
  override get message(): string {
    return `The ${this.bytes} bytes that ${JSON.stringify(this.command)} printed hold no JSON with a "result". Have agent.command print JSON, or set agent.output to "text" if it prints the plain answer.`
  }
  get forSender(): string {
    return "Claude answered, but I could not read the answer: something is not set up properly here. Whoever runs this relay can see why in its log."
  }
}

/** The command printed more than is ever read, and was ended. */
export class AgentOutputTooLong extends Schema.TaggedError<AgentOutputTooLong>()("AgentOutputTooLong", {
  command: Schema.String,
  /** The most that is read. */
  bytes: Schema.Int
}) {
  override get message(): string {
    return `The command ${JSON.stringify(this.command)} printed more than ${this.bytes} bytes and was ended. Run it by hand to see what it prints.`
  }
  get forSender(): string {
    return "Claude's answer was far too long to deliver. Please ask for something shorter."
  }
}

/** Another process has been in the session for longer than any turn may take. */
export class SessionHeld extends Schema.TaggedError<SessionHeld>()("SessionHeld", {
  /** The lock that it holds. */
  file: Schema.String,
  /** How long it was waited for. */
  seconds: Schema.Number
}) {
  override get message(): string {
    return `Another process has been in this conversation for more than ${this.seconds} s. It may be a command that a relay has started which was killed: find it with "fuser ${this.file}", and end it.`
  }
  get forSender(): string {
    return "An earlier answer in our conversation has not come to its end. Please try again later, or send /new to start a new conversation."
  }
}

export const AgentError = Schema.Union(
  AgentNotFound,
  AgentNotStarted,
  AgentExited,
  AgentReportedError,
  ConversationTooLong,
  AgentTimedOut,
  AgentAnswerEmpty,
  AgentOutputUnreadable,
  AgentOutputTooLong,
  SessionHeld
)
/** Why there is no answer. */
export type AgentError = typeof AgentError.Type
