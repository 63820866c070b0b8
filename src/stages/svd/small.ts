import type { Arena } from '../../kernels/arena.ts'
import { sweepsIn, sweepsWork } from '../../linalg/jacobi.ts'
import { type Product, productIn, productWork } from '../../linalg/products.ts'
import type { Sweeps } from '../../linalg/sweeps.ts'
import { type Choose, chooseIn, chooseWork } from './storing/pivots.ts'

/** Operations on small matrices in a shard's memory, one after another in the same place. */
export interface Small {
  readonly sweeps: Sweeps
  readonly product: Product
  readonly choose: Choose
}

/** Bytes that they need; `most` is the largest number of columns of M. */
export function smallWork(most: number): number {
  return Math.max(sweepsWork(most), productWork(most), chooseWork(most))
}

/** @param work address of `smallWork` bytes */
export function openSmall(arena: Arena, work: number): Small {
  return {
    sweeps: sweepsIn(arena, work),
    product: productIn(arena, work),
    choose: chooseIn(arena, work),
  }
}
