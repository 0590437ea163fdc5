import * as Schema from "effect/Schema"

/** An address under which others reach a webhook. `example` is shown to whoever wrote something else. */
export const webUrl = (example: string) =>
  Schema.String.pipe(
    Schema.filter((text) => /^https?:\/\/[^\s#]+$/i.test(text) && URL.canParse(text), {
      message: () => `expected a web address such as ${example}`
    })
  )

/** The part of it that a request must show here, whatever stands in between. */
export const pathOf = (url: string): string => new URL(url).pathname

/** Enough of it to know it by: neither the password nor the query, which may be secret. */
export const recognisable = (url: string): string =>
  url
    .replace(/[?#].*$/s, "")
    .replace(/\/\/.*@/, "//")
    .slice(0, 200)
