/**
 * The longest path that a socket can have, in bytes. macOS and the BSDs take 103, Linux four more (`sun_path` in unix(7)),
 * and Node would cut off what is over without a word.
 */
const longest = 103

/** Whether a socket can be there. */
export const fits = (path: string): boolean => new TextEncoder().encode(path).length <= longest
