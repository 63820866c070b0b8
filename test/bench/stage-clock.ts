// Times that stages take in their own steps, in a run like any other.
import { Runs } from '../../src/engine/run/runs.ts'
import type { Settings } from '../../src/engine/settings/settings.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { FrameReader } from '../../src/wire/reader.ts'

/** Milliseconds of CPU that this process has had, so that other work on the machine is not counted. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e3
}

/** A stage whose own steps, those on its null among them, are handed to `took` in milliseconds of CPU. */
export function clocked(stage: StageValue, took: (milliseconds: number) => void): StageValue {
  const timed = <Args extends unknown[], Result>(run: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      const start = cpu()
      const result = run(...args)
      took(cpu() - start)
      return result
    }
  }
  const definition: StageValue['definition'] = {
    ...stage.definition,
    start(context) {
      const instance = stage.definition.start(context)
      return {
        ...instance,
        *step(block, mode) {
          const step = instance.step(block, mode)
          const next = timed((totals?: never) => step.next(totals!))
          let turn = next()
          while (!turn.done) turn = next((yield turn.value) as never)
          return turn.value
        },
      }
    },
  }
  return { ...stage, definition }
}

/** Takes a stream of chunks through a run; its seconds of CPU. */
export function secondsOf(settings: Settings, chunks: Iterable<Uint8Array>): number {
  const runs = new Runs(settings, () => {})
  const reader = new FrameReader()
  const start = cpu()
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame; frame = reader.next()) runs.take(frame)
  }
  runs.end()
  return (cpu() - start) / 1e3
}
