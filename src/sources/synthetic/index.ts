import { defineSource } from '../../pipeline/source.ts'
import { joined } from '../../wire/joined.ts'
import { syntheticOptions } from './options.ts'
import { framesOf } from './stream.ts'

const chunkBytes = 1 << 16

/** Streams orbits of dynamical systems with known exponents, as if they were weights in training. */
export const synthetic = defineSource({
  type: 'synthetic',
  summary: 'Orbits of a known map or flow, with perturbed members and tangent vectors.',
  options: syntheticOptions,
  async *open(options, signal) {
    let pieces: Uint8Array[] = []
    let bytes = 0
    for (const piece of framesOf(options)) {
      if (signal.aborted) return
      pieces.push(piece)
      bytes += piece.length
      if (bytes < chunkBytes) continue
      yield joined(pieces)
      pieces = []
      bytes = 0
    }
    yield joined(pieces)
  },
})
