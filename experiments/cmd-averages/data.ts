import type { Dataset } from '../../src/node/train/dataset.ts'
import { Random } from '../../src/node/train/random.ts'

/** The first samples of a data set, a share of which has another label, drawn among all classes. */
export function noisy(data: Dataset, size: number, share: number, seed: number): Dataset {
  const random = new Random(seed, 77)
  const labels = Uint8Array.from({ length: size }, (_, i) => {
    const [isWrong, other] = [random.uniform() < share, random.uniform()]
    return isWrong ? Math.floor(other * data.classes) : data.labels[i]!
  })
  return { ...data, size, labels }
}
