const sorted = (numbers) => [...numbers].sort((one, other) => one - other)

const at = (numbers, part) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))]

export const median = (numbers) => at(numbers, 0.5)

/** The median, and between what half of them lie. */
export const spreadOf = (numbers) => ({ median: median(numbers), low: at(numbers, 0.25), high: at(numbers, 0.75) })
