import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ThalwegError } from '../error.ts'
import { nearest } from '../spec/nearest.ts'

const folder = new URL('../../pipelines/', import.meta.url)

/**
 * Names of the shipped pipelines. Empty if a program was bundled without them.
 *
 * @example
 * ```ts
 * shippedPipelines() // ['chaos', 'compare', 'default', ...]
 * ```
 */
export function shippedPipelines(): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
}

/**
 * The file of a pipeline. A bare name means a shipped one, anything else is a path.
 *
 * @throws E_CONFIG if no shipped pipeline has this name
 */
export function pipelinePath(name: string): string {
  if (/[/\\.]/.test(name)) return name
  const names = shippedPipelines()
  if (names.includes(name)) return fileURLToPath(new URL(`${name}.json`, folder))
  const near = nearest(name, names)
  const hint = near ? `Did you mean "${near}"?` : `There are: ${names.join(', ') || 'none'}.`
  throw new ThalwegError(
    'E_CONFIG',
    `no pipeline "${name}" ships with thalweg. ${hint} A file is given by its path: ./${name}.json`
  )
}
