/** Names and values of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a command needs to run, to reach the network as its user does, and to find that user's login. */
const names = new Set([
  ...["HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TZ", "TMPDIR"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING", "DISABLE_AUTOUPDATER"]
])
const prefixes = ["LC_", "XDG_", "ANTHROPIC_", "CLAUDE_"]

/** Another company's keys go in only if they are what the user's Claude runs on. */
const clouds: ReadonlyArray<{ readonly if: string; readonly prefixes: ReadonlyArray<string> }> = [
  { if: "CLAUDE_CODE_USE_BEDROCK", prefixes: ["AWS_"] },
  {
    if: "CLAUDE_CODE_USE_VERTEX",
    prefixes: ["GOOGLE_", "GCLOUD_", "CLOUDSDK_", "CLOUD_ML_REGION", "VERTEX_REGION_"]
  },
  { if: "CLAUDE_CODE_USE_FOUNDRY", prefixes: ["AZURE_"] }
]

/** The relay's own: never passed on, whoever asks for them. */
const own = /^(?:TELEGRAM|TWILIO|WARELAY)_/i

/** Whether a command may be given the variable of this name at all. */
export const mayPass = (name: string): boolean => !own.test(name)

/**
 * The environment that an agent's command gets: the part of `all` that it needs to run and to log in, and the variables
 * named in `more`. Everything else, above all what the relay itself is told in secret, stays behind.
 */
export const agentEnvironment = (all: Environment, more: ReadonlyArray<string>): Record<string, string> => {
  const allowed = [...prefixes, ...clouds.flatMap((cloud) => (all[cloud.if] ? cloud.prefixes : []))]
  const passes = (name: string): boolean =>
    mayPass(name) &&
    // Proxies are written in either case.
    (names.has(name) ||
      names.has(name.toUpperCase()) ||
      more.includes(name) ||
      allowed.some((prefix) => name.startsWith(prefix)))
  const passed = Object.entries(all).flatMap(([name, value]) =>
    value !== undefined && passes(name) ? [[name, value] as const] : []
  )
  return Object.fromEntries(passed)
}

/** The values in an environment that must not be seen in a log. */
export const secretsOf = (environment: Environment): ReadonlyArray<string> =>
  Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value.length >= 6 && /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|HEADERS|AUTH|PROXY/i.test(name)
      ? [value]
      : []
  )
