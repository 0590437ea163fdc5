// Identity maps of any size, with two accounts to a mapping.

const at = "2024-01-01T00:00:00Z"

/** The mapping with this number. */
export const mappingOf = (n) => {
  const id = `shared-${(0x10000000 + n).toString(16)}-00000000`
  const identities = { whatsapp: `+1555${1_000_000 + n}`, telegram: `@user_${n}` }
  return { id, name: `Person ${n}`, identities, createdAt: at, updatedAt: at }
}

/** The text of an `identity-map.json` with so many mappings. */
export const mapOf = (size) => {
  const mappings = Object.fromEntries(
    Array.from({ length: size }, (_, n) => {
      const mapping = mappingOf(n)
      return [mapping.id, mapping]
    })
  )
  return `${JSON.stringify({ version: 1, mappings }, null, 2)}\n`
}
