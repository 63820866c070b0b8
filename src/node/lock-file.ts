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
  /** Start time of the process, if the system provides it, because process ids are reused. */
  readonly began?: string
}

const touchMs = 60_000
/** On another machine, a lock that its holder has not touched for this long counts as abandoned. */
const staleMs = 5 * touchMs

/**
 * Takes a lock file, which names the process that holds it. If that process has died, the lock is taken over. A process on
 * another machine counts as dead only if it has not touched the lock for a while.
 *
 * @returns a function that releases the lock
 * @throws Error if another process holds it
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

/** Removes a lock whose holder has died. @throws Error if the holder is alive */
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
  // If several processes find the lock abandoned, one of them moves it away. A process that has moved a newer lock puts it back.
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

/** The boot and the clock tick at which a process began. Only Linux provides them. */
function beganAt(pid: number): string | undefined {
  const boot = contents('/proc/sys/kernel/random/boot_id')?.trim()
  // The program's name, in parentheses, may contain anything.
  const ticks = contents(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ')[19]
  return boot && ticks && `${boot} ${ticks}`
}
