/** `twilio.publicUrl` is `WARELAY_TWILIO_PUBLIC_URL` in the environment. */
export const variableOf = (path: ReadonlyArray<string>): string =>
  `WARELAY_${path.map((name) => name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()).join("_")}`
