// Loaded into the product before it starts, so that it trusts a server on the loopback interface: the client has the root
// that it trusts in its code, and there another one is put in its place.
import fs from "node:fs"
import Module from "node:module"

const { WHATSAPP_ROOT = "" } = process.env
const original = "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b"
const trusting = (code) => (typeof code === "string" ? code.replace(original, WHATSAPP_ROOT) : code)

const { readFileSync } = fs
fs.readFileSync = (...args) => trusting(readFileSync(...args))

const { _compile } = Module.prototype
Module.prototype._compile = function (code, ...rest) {
  return _compile.call(this, trusting(code), ...rest)
}
