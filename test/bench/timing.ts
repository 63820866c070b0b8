// Times that can be compared on a machine with other work: everything takes turns, the least time of each counts.

export interface Task {
  readonly name: string
  readonly run: () => void
}

/** Least seconds of each task over `rounds` turns, after one that is not counted. */
export function takeTurns(tasks: readonly Task[], rounds: number): Map<string, number> {
  const least = new Map(tasks.map(({ name }) => [name, Number.POSITIVE_INFINITY]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, run } of tasks) {
      const start = performance.now()
      run()
      const seconds = (performance.now() - start) / 1e3
      if (round >= 0) least.set(name, Math.min(least.get(name)!, seconds))
    }
  }
  return least
}

/** Rows as an aligned table; the first one is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n')
}
