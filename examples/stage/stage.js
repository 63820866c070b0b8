import { amount, defineStage, scalar, sumsBytes, TileSums, tileRows } from 'thalweg'

/**
 * Squared norm of all updates so far: a stage to begin with. CONTRIBUTING.md of thalweg says what its parts are.
 */
export const myStage = defineStage({
  type: 'my-stage',
  summary: 'Squared norm of all updates so far.',
  asks: 'How much have the weights moved in all?',
  options: {},
  figures: {
    energy: scalar({
      title: 'Energy',
      means: 'Sum of the squared norms of all recorded deltas.',
      misleads: 'Steps back and forth count like steps ahead.',
      unit: 'weight²',
    }),
  },
  says: ({ energy }) => [
    { level: 'info', text: `The updates add up to ${amount(energy)}, squared.`, figure: 'energy' },
  ],
  // Bytes: a number that outlives the step, nothing per tile of rows, and room for the sums over tiles.
  plan: ({ scope }) => ({ header: 8, perTile: 0, scratch: sumsBytes(scope.tiles, 2) }),
  start: ({ arena, scope, scratch, header, shape }) => ({
    *step(block, mode) {
      const { pointer, stride, elementBytes } = block.of(shape.member)
      const sums = new TileSums(arena, scratch, scope, 2)
      for (const { tile, tiles, index } of scope.segments) {
        for (let t = 0; t < tiles; t++) {
          const slot = sums.slot() // slot 0 counts faults, slot 1 is ours
          for (let j = 0; j < block.length; j++) {
            const at = pointer + j * stride + (tile + t) * tileRows * elementBytes
            const rows = elementBytes === 8 ? arena.f64(at, tileRows) : arena.f32(at, tileRows)
            for (const value of rows) slot[1] += value * value
          }
          sums.push(index + t)
        }
      }
      const { add } = yield { add: sums.partial(scope.to) } // from this shard's rows to all rows
      const state = arena.f64(header, 1)
      state[0] += add[1]
      return mode.report ? { values: { energy: state[0] } } : {}
    },
  }),
})
