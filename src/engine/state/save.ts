import { build } from '../../build.gen.ts'
import type { Run } from '../run/run.ts'
import { identity } from '../settings/settings.ts'
import { Seal } from './crc32.ts'
import { packHeader } from './header.ts'
import { isPlanned, pieces, stateLayout } from './pieces.ts'

const chunkBytes = 1 << 20

/**
 * The state of a run between two frames: a header, the kept regions of each shard's memory unchanged, and a CRC-32 of everything
 * before it. Columns are saved only if they hold a step that is not analysed yet, so between blocks there are none.
 *
 * The state comes in chunks of at most 1 MiB, which are views of the run's memory. Use each chunk before you ask for the next, and
 * push no frame in between.
 *
 * @param host facts of the host that belong to the run, as JSON; the loader returns them
 *
 * @example
 * ```ts
 * for (const chunk of saveState(run)) await file.write(chunk)
 * ```
 */
export function* saveState(run: Run, host?: unknown): Generator<Uint8Array> {
  const seal = new Seal()
  for (const chunk of unsealedState(run, host)) yield seal.over(chunk)
  yield seal.end()
}

/**
 * This thread's part of a state: its shards, preceded by the header if the first shard is here. The parts of all threads one after
 * another, and then a seal, make up the state.
 */
export function* unsealedState(run: Run, host?: unknown): Generator<Uint8Array> {
  const { plan, shards, intake } = run
  const slots = intake.slotsInUse
  const { number } = shards.here[0]!
  if (!isPlanned(plan, number)) return
  if (number === 0) {
    const { open, settings } = plan
    const regions = stateLayout(plan)
    yield* chunks(
      packHeader({
        build,
        open,
        settings: identity(settings),
        regions,
        slots,
        plain: run.plain(),
        host,
      })
    )
  }
  for (const { shard, address, bytes } of pieces(shards, slots)) {
    if (shard) yield* chunks(shard.arena.u8(address, bytes))
  }
}

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += chunkBytes) yield bytes.subarray(i, i + chunkBytes)
}
