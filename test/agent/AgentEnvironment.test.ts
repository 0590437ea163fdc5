import { assert, describe, it } from "@effect/vitest"
import { agentEnvironment, secretsOf } from "../../src/agent/AgentEnvironment.js"

const keys = { AWS_SECRET_ACCESS_KEY: "a", GOOGLE_APPLICATION_CREDENTIALS: "g", AZURE_CLIENT_SECRET: "z" }

describe("the agent's environment", () => {
  it("has what a login and a network need", () => {
    const needed = {
      ...{ HOME: "/h", PATH: "/b", USER: "u", LANG: "C", LC_CTYPE: "C", TERM: "dumb", XDG_CONFIG_HOME: "/x" },
      ...{ ANTHROPIC_API_KEY: "k", CLAUDE_CONFIG_DIR: "/c", CLAUDE_CODE_OAUTH_TOKEN: "t" },
      ...{ HTTPS_PROXY: "p", no_proxy: "n", NODE_EXTRA_CA_CERTS: "/e", SSL_CERT_FILE: "/s" }
    }
    assert.deepStrictEqual(agentEnvironment(needed, []), needed)
  })

  it("has nothing else but what is named", () => {
    const all = {
      DATABASE_URL: "d",
      GITHUB_TOKEN: "g",
      CLAUDECODE: "1",
      NODE_OPTIONS: "o",
      MORE: "m",
      ABSENT: undefined
    }
    assert.deepStrictEqual(agentEnvironment(all, []), {})
    assert.deepStrictEqual(agentEnvironment(all, ["MORE", "ABSENT"]), { MORE: "m" })
  })

  it("has nothing of the relay's, even if it is named", () => {
    const all = { TELEGRAM_BOT_TOKEN: "1", TWILIO_AUTH_TOKEN: "2", WARELAY_HOME: "3" }
    assert.deepStrictEqual(agentEnvironment(all, Object.keys(all)), {})
  })

  it.each([
    ["CLAUDE_CODE_USE_BEDROCK", "AWS_SECRET_ACCESS_KEY"],
    ["CLAUDE_CODE_USE_VERTEX", "GOOGLE_APPLICATION_CREDENTIALS"],
    ["CLAUDE_CODE_USE_FOUNDRY", "AZURE_CLIENT_SECRET"]
  ])("has a cloud's keys only if Claude runs there: %s", (chosen, key) => {
    assert.deepStrictEqual(agentEnvironment(keys, []), {})
    assert.sameMembers(Object.keys(agentEnvironment({ ...keys, [chosen]: "1" }, [])), [chosen, key])
  })

  it("knows which of its values are secret", () => {
    const environment = {
      ANTHROPIC_API_KEY: "sk-ant",
      MY_TOKEN: "abcdef",
      HTTPS_PROXY: "http://u:p@h",
      HOME: "/home/u",
      A_KEY: "1"
    }
    assert.sameMembers([...secretsOf(environment)], ["sk-ant", "abcdef", "http://u:p@h"])
  })
})
