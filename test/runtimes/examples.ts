// What the tests of the edge examples share: a recording, its pipeline, and how a piece is posted.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineLines } from '../edge/support.ts'
import { recording } from './programs.ts'

export const installed = resolve('test/runtimes/node_modules/.bin')
export const missing = existsSync(installed) ? undefined : 'test/runtimes is not installed'

/** A suite, and how it registers a test: as skipped where something is missing. */
export function suiteUnless(missing: string | undefined, name: string) {
  const own = suite(missing ? `${name} (skipped: ${missing})` : name)
  return { own, test: missing ? own.skip : own }
}

export const token = 'a secret'
/** What every example looks at. */
export const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}
export const stream = readFileSync(recording)
/** The lines of the whole stream. */
export const wholeLines = (): string[] => engineLines(stream, pipeline)

export interface Answered {
  readonly status: number
  readonly text: string
}

export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

export const headersOf = (sequence: number): Record<string, string> => ({
  Authorization: `Bearer ${token}`,
  'Content-Type': 'application/x-thalweg',
  'Thalweg-Sequence': String(sequence),
})

export async function post(url: string, sequence: number, body: Uint8Array): Promise<Answered> {
  const init = { method: 'POST', headers: headersOf(sequence), body: body as BodyInit }
  const response = await fetch(`${url}/runs/mnist/frames`, init)
  return { status: response.status, text: await response.text() }
}

/** The lines of one piece that was taken. */
export function taken({ status, text }: Answered): string[] {
  assert.is(status, 200, text)
  return linesOf(text)
}

/** Without a credential an example says no. */
export async function locked(url: string): Promise<void> {
  const response = await fetch(`${url}/runs/mnist`)
  await response.body?.cancel()
  assert.is(response.status, 401)
}
