import { headerBytes, type PlanShape, sketchRows, tileRows } from '../../stage/index.ts'
import type { PathOptions } from './spec.ts'

/** Most tensors whose speed is kept: those with the most rows. */
const mostLayers = 32

/** Sizes and places of everything in the state of one scope. */
export interface Layout {
  /** Most checkpoints. */
  readonly most: number
  /** Numbers in a sketch. */
  readonly slots: number
  /** Whether rows are folded into fewer slots. */
  readonly folded: boolean
  /** Indices in `scope.tensors` of the tensors whose speed is kept. */
  readonly layers: readonly number[]
}

export function layoutOf(
  { scope }: Pick<PlanShape, 'scope'>,
  { checkpoints }: PathOptions
): Layout {
  const rows = scope.tiles * tileRows
  const layers = scope.tensors
    .map(({ rows }, place) => ({ rows, place }))
    .sort((a, b) => b.rows - a.rows || a.place - b.place)
    .slice(0, mostLayers)
    .map(({ place }) => place)
    .sort((a, b) => a - b)
  return { most: checkpoints, slots: Math.min(rows, sketchRows), folded: rows > sketchRows, layers }
}

/** Numbers that outlive a step. The sketches, f32, follow them: w0, then each checkpoint. */
export const headerShape = ({ most, layers }: Layout) =>
  ({
    words: [
      /** Number of checkpoints that are kept, and blocks from one to the next. */
      'kept',
      'stride',
      /** 1 if w0 is among the sketches, and ‖w0‖² of its sketch. */
      'hasOrigin',
      'originSquare',
      /** 1 if the position after the last block is not known, and the last step. */
      'lost',
      'step',
      /** Factor by which the rows of the last sketch were multiplied; 0 before there is one. */
      'scale',
    ],
    lists: {
      /** For each checkpoint: the number of its block, and its step. */
      blocks: most,
      steps: most,
      /** Products of displacements, `most` x `most`, and of each with w0. */
      gram: most * most,
      origin: most,
      /** Squared norms of the update after each checkpoint, by layer. */
      squares: most * layers.length,
    },
  }) as const

export const sketchBytes = ({ slots }: Layout): number => 4 * slots

/** Includes the sketches of w0 and all checkpoints, and room for a list of products. */
export const pathBytes = (layout: Layout): number =>
  headerBytes(headerShape(layout)) + (layout.most + 1) * (sketchBytes(layout) + 8)
