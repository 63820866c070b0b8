import { randomBytes } from 'node:crypto'
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'

/** Who holds a lock. */
interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process began, where the system says so: numbers of processes come again. */
  readonly began?: string
}

const touchMs = 60_000
/** What its holder, on another machine, has not touched for so long is left over. */
const staleMs = 5 * touchMs

/**
 * Takes a lock file, which names the process that holds it. One whose process has died is taken over; of a process on
 * another machine that is known by its silence alone.
 *
 * @returns lets go
 * @throws Error where another process holds it
 */
export function lockFile(path: string): () => void {
  const own: Holder = { host: hostname(), pid: process.pid, began: beganAt(process.pid) }
  const text = JSON.stringify(own)
  const fresh = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(fresh, text, { flag: 'wx' })
  try {
    const now = statSync(fresh).mtimeMs
    while (!linked(fresh, path)) takeAway(path, now)
  } finally {
    rmSync(fresh, { force: true })
  }
  const touch = () => {
    const now = new Date()
    if (contents(path) === text) utimesSync(path, now, now)
  }
  const timer = setInterval(touch, touchMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (contents(path) === text) rmSync(path, { force: true })
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock whose holder has died. @throws Error where it lives */
function takeAway(path: string, now: number): void {
  const text = contents(path)
  if (text === undefined) return
  const holder = holderIn(text)
  const silent = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now)
  if (lives(holder, silent)) {
    throw new Error(
      `process ${holder.pid} on ${holder.host} is at work with it. Wait for its end, or take another path; if it has ended, remove "${path}"`
    )
  }
  // Of several that find it so one moves it away. Who has moved a younger one puts it back.
  const away = `${path}.${randomBytes(8).toString('hex')}`
  try {
    renameSync(path, away)
  } catch {
    return
  }
  if (contents(away) !== text) linked(away, path)
  rmSync(away, { force: true })
}

function lives({ host, pid, began }: Holder, silentMs: number): boolean {
  if (host !== hostname()) return silentMs < staleMs
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return began === undefined || began === beganAt(pid)
}

function holderIn(text: string): Holder {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return { host: 'an unknown machine', pid: 0 }
  }
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The boot and the clock tick at which a process began; Linux says so. */
function beganAt(pid: number): string | undefined {
  const boot = contents('/proc/sys/kernel/random/boot_id')?.trim()
  // The name of the program, in parentheses, may hold anything.
  const ticks = contents(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ')[19]
  return boot && ticks && `${boot} ${ticks}`
}
