import { memory } from "../../src/storage/Log.js"
import { logContract } from "./Log.contract.js"

logContract("memory", memory)
