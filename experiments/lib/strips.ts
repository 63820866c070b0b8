const colours = [
  '#332288',
  '#88ccee',
  '#44aa99',
  '#117733',
  '#999933',
  '#ddcc77',
  '#cc6677',
  '#882255',
]
const [width, left, row, top] = [720, 90, 14, 40]

/** A row of a picture: a colour for each look, and a mark where something happened, at a share of its length. */
export interface Strip {
  readonly name: string
  readonly states: readonly number[]
  readonly mark?: number
}

/** An SVG picture of sequences of states, one under the other. */
export function strips(title: string, all: readonly Strip[]): string {
  const height = top + all.length * row + 30
  const across = width - left - 20
  const rows = all.flatMap(({ name, states, mark }, i) => {
    const y = top + i * row
    const cell = across / states.length
    const stretches: string[] = []
    for (let from = 0; from < states.length; ) {
      let to = from + 1
      while (to < states.length && states[to] === states[from]) to++
      const colour = colours[states[from]! % colours.length]
      stretches.push(
        `<rect x="${at(left + from * cell)}" y="${y}" width="${at((to - from) * cell)}" height="${row - 2}" fill="${colour}"/>`
      )
      from = to
    }
    const x = at(left + (mark ?? 0) * across)
    const line = `<line x1="${x}" x2="${x}" y1="${y}" y2="${y + row - 2}" stroke="#fff" stroke-width="3"/>`
    const label = `<text x="${left - 8}" y="${y + 10}" text-anchor="end" font-size="10">${name}</text>`
    return [...stretches, ...(mark === undefined ? [] : [line]), label]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${width / 2}" y="22" text-anchor="middle" font-size="13">${title}</text>`,
    ...rows,
    '</svg>',
  ].join('\n')}\n`
}

const at = (value: number): string => value.toFixed(1)
