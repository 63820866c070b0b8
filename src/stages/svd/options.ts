import { choice, integer, type Options } from '../../spec/fields.ts'
import { forget } from '../forget.ts'

export const svdFields = {
  rank: integer({
    description: 'singular values that are reported',
    min: 1,
    max: 256,
    default: 16,
  }),
  columns: integer({
    description:
      'columns that are kept; more make the reported ones more accurate; default: twice the rank',
    min: 1,
    max: 512,
  }),
  of: choice(['deltas', 'positions'], {
    description: 'decompose the deltas as they are, or the positions, centred (trajectory PCA)',
    default: 'deltas',
  }),
  forget,
  tier: choice(['auto', 'basis', 'sketch'], {
    description:
      '`basis` keeps left vectors, a row for each weight; `sketch` folds any model to 65,536 rows (singular values within some 0.3 %, no left vectors); `auto` takes the sketch where the basis does not fit `memory.max`',
    default: 'auto',
  }),
  storage: choice(['f32', 'f64'], {
    description:
      'f64 is the reference mode: two passes a block, small singular values to relative accuracy',
    default: 'f32',
  }),
} as const

export type SvdOptions = Options<typeof svdFields>
