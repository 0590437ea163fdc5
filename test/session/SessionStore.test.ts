import { layerMemory } from "../../src/session/SessionStore.js"
import { storeContract } from "./SessionStore.contract.js"

storeContract("memory", layerMemory)
