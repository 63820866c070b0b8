import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

export interface Work {
  /** Whether the paper's size is wanted. */
  readonly full: boolean
  /** Where runs are stored. */
  readonly folder: string
}

/**
 * Does an experiment's work in a folder: in one of its own that goes afterwards, or in that of `--runs`, which stays, so that the next
 * start goes on from what is there.
 */
export async function within(name: string, does: (work: Work) => Promise<void>): Promise<void> {
  const { values } = parseArgs({
    options: { full: { type: 'boolean', default: false }, runs: { type: 'string' } },
  })
  const folder = values.runs ?? mkdtempSync(join(tmpdir(), `${name}-`))
  try {
    await does({ full: values.full, folder })
  } finally {
    if (values.runs === undefined) rmSync(folder, { recursive: true })
  }
}
