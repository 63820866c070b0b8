import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Summary } from '../engine/summary.ts'
import { ThalwegError } from '../error.ts'
import { isObject } from '../spec/parse.ts'

/**
 * Reads stored summaries, one a line.
 *
 * @param path a file, or `-` for standard input
 * @throws E_INPUT with the line, for what cannot be read or is no summary
 */
export async function* readSummaries(path: string): AsyncGenerator<Summary> {
  const name = path === '-' ? 'standard input' : `file "${path}"`
  const input = path === '-' ? process.stdin : createReadStream(path)
  let failure: Error | undefined
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  input.once('error', (error: Error) => {
    failure = error
    lines.close()
  })
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    yield summaryOf(line, `${name}, line ${number}`)
  }
  if (failure) throw new ThalwegError('E_INPUT', `${name} cannot be read: ${failure.message}.`)
}

function summaryOf(line: string, where: string): Summary {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new ThalwegError(
      'E_INPUT',
      `${where}: this is no JSON. Name a file that sink ndjson wrote.`
    )
  }
  if (isObject(value) && value.schema === 'thalweg.summary/1' && isSummary(value)) return value
  throw new ThalwegError(
    'E_INPUT',
    `${where}: this is no summary of schema "thalweg.summary/1". Name a file that sink ndjson wrote.`
  )
}

function isSummary(value: object): value is Summary {
  const { run, stage, type, scope, member, step, values, alerts } = value as Record<string, unknown>
  return (
    [run, stage, type, scope].every((text) => typeof text === 'string') &&
    [member, step].every((number) => Number.isSafeInteger(number)) &&
    isObject(values) &&
    Array.isArray(alerts) &&
    alerts.every((alert) => isObject(alert) && typeof alert.id === 'string')
  )
}
