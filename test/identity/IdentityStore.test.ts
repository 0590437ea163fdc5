import { layerMemory } from "../../src/identity/IdentityStore.js"
import { identitiesContract, storeContract } from "./IdentityStore.contract.js"

storeContract("memory", layerMemory)
identitiesContract("memory", layerMemory)
