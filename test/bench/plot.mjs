// How costs grow with the number of mappings, both by powers of ten, as a drawing.

const [width, height] = [640, 400]
const margin = { left: 76, right: 150, top: 24, bottom: 48 }

const powers = (numbers) => {
  const exponents = numbers.map(Math.log10)
  return [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))]
}

const named = (microseconds) =>
  microseconds >= 1e6
    ? `${microseconds / 1e6} s`
    : microseconds >= 1e3
      ? `${microseconds / 1e3} ms`
      : `${microseconds} µs`

/** Lookups in microseconds, loading and linking in milliseconds, each against the number of mappings. */
export const plot = ({ link, load, lookup }) => {
  const lines = [
    { name: "one lookup", colour: "#1b7837", points: lookup },
    { name: "load and index", colour: "#2166ac", points: load.map(([size, ms]) => [size, ms * 1e3]) },
    { name: "one link", colour: "#b2182b", points: link.map(([size, ms]) => [size, ms * 1e3]) }
  ]
  const all = lines.flatMap(({ points }) => points)
  const [fromX, toX] = powers(all.map(([size]) => size))
  const [fromY, toY] = powers(all.map(([, cost]) => cost))
  const x = (size) => margin.left + ((Math.log10(size) - fromX) / (toX - fromX)) * (width - margin.left - margin.right)
  const y = (cost) =>
    height - margin.bottom - ((Math.log10(cost) - fromY) / (toY - fromY)) * (height - margin.top - margin.bottom)
  const between = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => 10 ** (from + n))
  const right = width - margin.right
  const bottom = height - margin.bottom
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>What lookups, loading and links cost by the number of mappings</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...between(fromX, toX).flatMap((size) => [
      `<line x1="${x(size)}" y1="${margin.top}" x2="${x(size)}" y2="${bottom}" stroke="#ddd"/>`,
      `<text x="${x(size)}" y="${bottom + 18}" text-anchor="middle">${size.toLocaleString("en")}</text>`
    ]),
    ...between(fromY, toY).flatMap((cost) => [
      `<line x1="${margin.left}" y1="${y(cost)}" x2="${right}" y2="${y(cost)}" stroke="#ddd"/>`,
      `<text x="${margin.left - 8}" y="${y(cost) + 4}" text-anchor="end">${named(cost)}</text>`
    ]),
    `<text x="${(margin.left + right) / 2}" y="${height - 10}" text-anchor="middle">mappings</text>`,
    ...lines.flatMap(({ colour, name, points }) => {
      const [size, cost] = points.at(-1)
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([size, cost]) => `${x(size).toFixed(1)},${y(cost).toFixed(1)}`).join(" ")}"/>`,
        ...points.map(
          ([size, cost]) => `<circle cx="${x(size).toFixed(1)}" cy="${y(cost).toFixed(1)}" r="3" fill="${colour}"/>`
        ),
        `<text x="${x(size) + 10}" y="${y(cost) + 4}" fill="${colour}">${name}</text>`
      ]
    }),
    "</svg>"
  ].join("\n")}\n`
}
