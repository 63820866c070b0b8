const [cell, left, top] = [44, 110, 50]

/** An SVG picture of a square table of numbers, the larger the darker; what is not finite is left white. */
export function heat(
  title: string,
  names: readonly string[],
  rows: readonly (readonly number[])[]
): string {
  const finite = rows.flat().filter(Number.isFinite)
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const side = cell * names.length
  const cells = rows.flatMap((row, i) =>
    row.map((value, j) => {
      if (!Number.isFinite(value)) return ''
      const share = (value - low) / (high - low || 1)
      const [x, y] = [left + j * cell, top + i * cell]
      const ink = share > 0.55 ? '#fff' : '#222'
      return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="hsl(210 60% ${(95 - 70 * share).toFixed(0)}%)"/>${text(x + cell / 2, y + cell / 2 + 4, value.toFixed(2), 'middle', ink)}`
    })
  )
  const labels = names.flatMap((name, i) => [
    text(left - 8, top + (i + 0.5) * cell + 4, name, 'end'),
    text(left + (i + 0.5) * cell, top + side + 16, name),
  ])
  const [width, height] = [left + side + 20, top + side + 30]
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${width / 2}" y="24" text-anchor="middle" font-size="13" fill="#222">${title}</text>`,
    ...cells,
    ...labels,
    '</svg>',
  ].join('\n')}\n`
}

const text = (x: number, y: number, words: string, anchor = 'middle', ink = '#222'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${ink}">${words}</text>`
