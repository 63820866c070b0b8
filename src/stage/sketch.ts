/** Rows of a sketch, as many for a model of any size. */
export const sketchRows = 2 ** 16

/** Relative standard deviation of a norm, and of a singular value, by folding. */
export const foldingError = Math.sqrt(1 / (2 * sketchRows))
