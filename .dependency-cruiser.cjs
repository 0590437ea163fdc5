// Imports point downwards. `npm run check` runs this through test/guards/imports.mjs, which also counts the files.

/** From the top floor to the cellar: a room may import the rooms that come after it. */
const rooms = ["cli", "layers", "control", "relay", "channels", "agent", "session", "identity", "config", "storage"]
/** The doors of the house, and the floor that each opens on. */
const doors = { bin: "cli", index: "layers", promise: "layers" }

const aDoor = `^src/(${Object.keys(doors).join("|")})\\.ts$`
const anyOf = (names) => `^src/(${names.join("|")})/`
const above = (room) => rooms.slice(0, rooms.indexOf(room))
const forbid = (name, comment, from, to) => ({ name, severity: "error", comment, from, to })

const downwards = (name, path, floor) =>
  above(floor).length === 0
    ? []
    : [
        forbid(
          `${name}-downwards`,
          `The rooms above it are not for it: ${above(floor).join(", ")}.`,
          { path },
          { path: anyOf(above(floor)) }
        )
      ]

const unplaced = { path: "^src/", pathNot: `${aDoor}|${anyOf(rooms)}` }
const unplacedComment = "A new room gets its floor in .dependency-cruiser.cjs first."

module.exports = {
  forbidden: [
    ...rooms.flatMap((room) => downwards(room, anyOf([room]), room)),
    ...Object.entries(doors).flatMap(([door, floor]) => downwards(door, `^src/${door}\\.ts$`, floor)),
    forbid("no-way-in-by-a-door", "A program starts at a door: import what is behind it.", {}, { path: aDoor }),
    forbid("every-file-in-a-room", unplacedComment, unplaced, {}),
    forbid("every-import-from-a-room", unplacedComment, {}, unplaced),
    forbid(
      "channels-know-no-map",
      "A channel carries messages; who belongs with whom is decided behind it.",
      { path: "^src/channels/" },
      { path: "^src/identity/(Identities|IdentityMap|IdentityMapping|IdentityStore|Plan)[^/]*\\.ts$" }
    ),
    forbid("no-cycles", "Two files that need each other are one file, or need a third.", {}, { circular: true }),
    forbid("no-orphans", "It imports nothing and nothing imports it.", { orphan: true, pathNot: "\\.d\\.ts$" }, {}),
    forbid("no-tests-in-src", "The product does not know its tests.", {}, { path: "^test/" }),
    forbid("resolvable", "There is no such file or package.", {}, { couldNotResolve: true })
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // It starts what the build makes of all the others, and is no part of that.
    exclude: { path: "^src/launcher\\.cjs$" },
    // Imports of types count: the direction is about who knows whom, not about what is loaded.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] }
  }
}
