/**
 * Five digits or more, with whatever people put between the digits of a phone number. This machine's own address is no
 * such number, a time of the form that we write is none, and neither is what Twilio calls an error by.
 */
const number =
  /(?<![\d.+])((?:127\.0\.0\.1|0\.0\.0\.0)(?::\d{1,5})?|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{3})?)?Z?|(?<=Twilio's error )\d{5}(?=\)))(?![\d.])|\+?\d(?:[ .()-]*\d){4,}/g

/**
 * The text with all but the last four digits of every long number taken out: `whatsapp:+1234567890` becomes
 * `whatsapp:…7890`. For log lines, traces and whatever else more people read than the one who typed it.
 */
export const masked = (text: string): string =>
  text.replace(number, (found, own?: string) => own ?? `…${found.replace(/\D/g, "").slice(-4)}`)
