import * as FastCheck from "effect/FastCheck"

/** A JSON value as our files can hold it: a key `__proto__` is refused wherever it stands. */
export const jsonValue = (maxDepth: number): FastCheck.Arbitrary<unknown> =>
  FastCheck.jsonValue({ maxDepth }).filter((value) => !JSON.stringify(value).includes('"__proto__":'))
