// Polar factors and spectra of a matrix of 512 x 512: the products that they are made of against the ceiling, and the whole beside
// ml-matrix's singular value decomposition.
import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { Arena } from '../../src/kernels/arena.ts'
import { linalgKernels } from '../../src/linalg/kernels.gen.ts'
import { columnIndex, panels } from '../../src/linalg/panels.ts'
import { symmetricEigen, symmetricWork } from '../../src/linalg/symmetric.ts'
import { polarBytes, polarFactor } from '../../src/stages/stability/polar.ts'
import { schedule } from '../../src/stages/stability/schedule.ts'
import { random } from '../engine/frames.ts'
import { peaks } from './ceilings.ts'
import { type Task, table, takeTurns } from './timing.ts'

const n = 512
const cube = n ** 3

interface Case extends Task {
  readonly flops: number
  readonly bound: 'f32' | 'f64'
}

const next = random(5)
const weights = Float64Array.from({ length: n * n }, () => next() + next() + next())

/** Products and decompositions in one build, each on the same matrix. */
function casesOf(kind: 'base' | 'relaxed'): Case[] {
  const sides = { long: n, short: n }
  const sizes = { 4: polarBytes(sides, 4), 8: polarBytes(sides, 8) }
  const { bytes } = panels(n, n)
  const arena = new Arena(8 * bytes + 2 * sizes[4].work + symmetricWork(n) + (1 << 20), kind)
  const [source, other, square, product] = [0, 1, 2, 3].map(() => arena.take(bytes)) as [
    number,
    number,
    number,
    number,
  ]
  const room = {
    matrix: arena.take(bytes),
    narrow: arena.take(sizes[4].narrow),
    square: arena.take(bytes),
    work: arena.take(sizes[4].work),
  }
  const matrix = arena.f64(source, n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[columnIndex(n, j, 8) + 4 * i] = weights[i * n + j]!
  }
  arena.f32(other, n * n).set(matrix)
  const kernels = arena.kernels(linalgKernels)
  const out = { start: square, row: 32, panel: 32 * n }
  const gram = (a: number) => ({ a, m: n, b: a, n, k: n, isSymmetric: true, out })
  const times = (y: number) => ({ y, m: n, n, p: y, s: n, out: product, work: room.work })
  const polar = (storageBytes: 4 | 8) => () => {
    arena.f64(room.matrix, n * n).set(matrix)
    polarFactor(arena, sides, storageBytes, room)
  }
  arena.f64(room.matrix, n * n).set(matrix)
  const { values } = polarFactor(arena, sides, 8, room)
  const least = (0.95 * values.at(-1)!) / values[0]!
  const polarFlops = (accuracy: number): number =>
    cube + (4 / 3) * cube + schedule(least, accuracy).steps.length * 3 * cube
  return [
    {
      name: 'Gram matrix, f64',
      bound: 'f64',
      flops: cube,
      run: () => kernels.inner_f64(gram(source)),
    },
    {
      name: 'product, f64',
      bound: 'f64',
      flops: 2 * cube,
      run: () => kernels.multiply_f64(times(source)),
    },
    {
      name: 'Gram matrix, f32',
      bound: 'f32',
      flops: cube,
      run: () => kernels.inner_f32(gram(other)),
    },
    {
      name: 'product, f32',
      bound: 'f32',
      flops: 2 * cube,
      run: () => kernels.multiply_f32(times(other)),
    },
    {
      name: 'eigenvalues of a Gram matrix',
      bound: 'f64',
      flops: (4 / 3) * cube,
      run: () => {
        const byRows = { start: square, row: 8 * n, panel: 32 }
        kernels.inner_f64({ ...gram(source), out: byRows })
        kernels.symmetric_f64({ n, shift: 0, scale: 1, out: byRows })
        symmetricEigen(arena, square, n, room.work)
      },
    },
    { name: 'polar factor, storage f32', bound: 'f64', flops: polarFlops(1e-7), run: polar(4) },
    { name: 'polar factor, storage f64', bound: 'f64', flops: polarFlops(1e-15), run: polar(8) },
  ]
}

/** The table of both builds, with ml-matrix's decomposition timed in the same turns. */
export async function matrixTable(
  builds: readonly ('base' | 'relaxed')[],
  rounds: number
): Promise<string> {
  const lines = [['512 x 512', 'build', 'ms', 'rate', 'ceiling', 'of it', "ml-matrix's SVD to it"]]
  const dense = Matrix.from1DArray(n, n, weights)
  const peer: Task = {
    name: 'SVD in ml-matrix',
    run: () => void new SingularValueDecomposition(dense, { autoTranspose: true }),
  }
  for (const build of builds) {
    const ceilings = await peaks(build)
    const cases = casesOf(build)
    const tops = Object.entries(ceilings).map(([name, { run }]) => ({ name, run }))
    const times = takeTurns([...tops, ...cases], rounds)
    // One of its turns takes seconds.
    const svd = takeTurns([peer], 2).get(peer.name)!
    for (const { name, bound, flops } of cases) {
      const rate = flops / times.get(name)! / 1e9
      const ceiling = ceilings[bound].work / times.get(bound)! / 1e9
      lines.push([
        name,
        build,
        (1e3 * times.get(name)!).toFixed(1),
        `${rate.toFixed(1)} GF/s`,
        `${ceiling.toFixed(1)} GF/s`,
        `${((100 * rate) / ceiling).toFixed(0)} %`,
        (svd / times.get(name)!).toFixed(1),
      ])
    }
    lines.push([peer.name, '', (1e3 * svd).toFixed(0), '', '', '', '1.0'])
  }
  return table(lines)
}
