import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { bundled } from '../../support/bundled.ts'
import { stream } from '../../support/stream.ts'
import type { Memory } from './server.ts'

const MiB = 2 ** 20

/**
 * What `docs/edge.md` says that an instance takes at most by default: the runs that it keeps, frames, bodies, answers, and
 * the runtime.
 */
const granted = 64 * MiB + 2 * 17 * MiB + 16 * MiB + 2 * 8 * MiB + 150 * MiB

/** Times of pieces, in ms. */
interface Times {
  readonly pieces: number
  readonly median: number
  readonly slowest: number
}

export interface Attacked {
  readonly quiet: Times
  readonly pressed: Times
  /** Most bytes that the server took, and that it may take beside what its store holds. */
  readonly memory: number
  readonly limit: number
}

/**
 * Posts pieces of 1 MiB, as a trainer of 50,000 weights does, in quiet and under attack. Server and attackers have
 * processes of their own.
 */
export async function measure(seconds: number): Promise<Attacked> {
  const folder = await bundled('test/evidence/attack/roles.ts')
  const children: ChildProcess[] = []
  const start = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(folder, 'roles.js'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }
  try {
    const url = await said(start('server'))
    const post = poster(url)
    await post(1)
    const quiet = await post(seconds / 2)
    start('attackers', url)
    await wait(1000)
    const pressed = await post(seconds)
    const { stored, peak } = (await (await fetch(`${url}/memory`)).json()) as Memory
    return { quiet, pressed, memory: peak, limit: granted + stored }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
}

/** Posts one stream's pieces, one after another for so many seconds each time. */
function poster(url: string): (seconds: number) => Promise<Times> {
  const whole = stream({ steps: 2000, rows: 50_000 })
  let sequence = 0
  const piece = async (): Promise<number> => {
    const body = whole.slice(sequence * MiB, (sequence + 1) * MiB) as BodyInit
    const headers = {
      'Content-Type': 'application/x-thalweg',
      'Thalweg-Sequence': String(sequence),
      Authorization: 'Bearer honest',
    }
    const began = performance.now()
    for (;;) {
      const response = await fetch(`${url}/runs/honest/frames`, { method: 'POST', headers, body })
      const text = await response.text()
      if (response.status === 200) break
      if (response.status !== 503) throw new Error(`${response.status}: ${text}`)
      await wait(1000)
    }
    sequence++
    return performance.now() - began
  }
  return async (seconds) => {
    const end = performance.now() + 1000 * seconds
    const times: number[] = []
    while (performance.now() < end && (sequence + 1) * MiB < whole.length) {
      times.push(await piece())
      await wait(50)
    }
    times.sort((a, b) => a - b)
    return { pieces: times.length, median: times[times.length >> 1]!, slowest: times.at(-1)! }
  }
}

async function said(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error('the server has ended')
}
