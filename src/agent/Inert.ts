/** An at sign that is not inside a word (as in an address) and has something behind it. */
const mention = /(?<![\p{L}\p{N}])@(?=[^\s\u2060])/gu

/**
 * The text as the `claude` command takes it for nothing but text: a word joiner (U+2060, invisible) after every `@` that
 * could name a file, and a space before a `/` that could begin a command. The command's arguments forbid both too, but
 * what they mean has changed from release to release, and this has not.
 */
export const inert = (text: string): string => text.replace(mention, "@\u2060").replace(/^\//, " /")
