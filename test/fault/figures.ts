import { appendFileSync } from "node:fs"

/** Whether this run is for the table. Then what is done at random, or very often, is done more often. */
export const thorough: boolean = process.env["WARELAY_FIGURES"] !== undefined

/**
 * What a test has counted towards a row of the table that `npm run durability` prints: one line of JSON in the file that
 * WARELAY_FIGURES names, and nothing where it names none. Counts with the same row and name add up.
 */
export const record = (row: string, figures: Record<string, number>): void => {
  const file = process.env["WARELAY_FIGURES"]
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ row, figures })}\n`)
}
