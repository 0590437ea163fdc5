import { Outlook } from "../../session/Sessions.js"
import type { Foresight, Joined } from "../run/foresight.js"
import { relative } from "./time.js"

/** What the next message in a conversation meets. `now` in milliseconds since 1970. */
export const outlook = (outlook: Outlook, now: number): string =>
  Outlook.$match(outlook, {
    Continued: ({ session }) => `goes on (last used ${relative(session.updatedAt, now)})`,
    Forked: ({ history }) =>
      `goes on from what ${history.whose} said (last used ${relative(history.session.updatedAt, now)})`,
    Fresh: () => "begins anew"
  })

const together = ({ added, mapping, outlook }: Joined, { canFork, now }: Foresight): string =>
  Outlook.$match(outlook, {
    Continued: ({ session }) =>
      `What was said in ${mapping.id} will be seen by ${added.join(" and ")}: that conversation goes on ` +
      `(last used ${relative(session.updatedAt, now)}).`,
    Forked: ({ history: { session, whose } }) =>
      `What ${whose} and Claude said will be seen by all of them: their conversation goes on from there ` +
      `(last used ${relative(session.updatedAt, now)}). To begin without it: --keep none.`,
    Fresh: () =>
      mapping.keep === "none"
        ? "They start a conversation of their own; nobody's earlier one is shared."
        : canFork
          ? "They start a new conversation: none of them has a recent one."
          : "They start a new conversation: the configured agent cannot continue an earlier one for several people."
  })

/** Whose history will be seen by whom, a line for each conversation that people join. */
export const sharing = (foresight: Foresight): ReadonlyArray<string> =>
  foresight.joined.map((joined) => together(joined, foresight))
