import { bytes, double, doubles, float, integer, message, type Part, string } from './protobuf.ts'

// Fields are written by their numbers in TensorBoard's summary.proto and plugin_data.proto. Scalars, histograms and images have
// the form of TensorBoard 1, which every version can read. Texts and hyperparameters have no such form.

/** A summary's value, under a tag. */
export function scalar(tag: string, value: number): Part {
  return message(1, string(1, tag), float(2, value))
}

export interface Bins {
  readonly min: number
  readonly max: number
  readonly count: number
  readonly sum: number
  readonly squares: number
  /** Right edges of the bins. */
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

export function histogram(tag: string, bins: Bins): Part {
  const { min, max, count, sum, squares, limits, counts } = bins
  const totals = [min, max, count, sum, squares].map((value, i) => double(i + 1, value))
  return message(1, string(1, tag), message(5, ...totals, doubles(6, limits), doubles(7, counts)))
}

/** @param png a grey image */
export function image(tag: string, png: Uint8Array, width: number, height: number): Part {
  const parts = [integer(1, height), integer(2, width), integer(3, 1), bytes(4, png)]
  return message(1, string(1, tag), message(4, ...parts))
}

const dataClassTensor = 2
const stringType = 7
const floatType = 1

/** @param markdown shown as Markdown */
export function text(tag: string, markdown: string): Part {
  const plugin = message(1, string(1, 'text'), bytes(2, new Uint8Array(0)))
  const shape = message(2, message(2, integer(1, 1)))
  return message(
    1,
    string(1, tag),
    message(9, plugin, integer(4, dataClassTensor)),
    message(8, integer(1, stringType), shape, string(8, markdown))
  )
}

export type Setting = number | string | boolean

/** The start of a session: its hyperparameters. */
export function sessionStart(settings: Readonly<Record<string, Setting>>, seconds: number): Part {
  const entries = Object.entries(settings).map(([name, value]) =>
    message(1, string(1, name), message(2, setting(value)))
  )
  return hparams('_hparams_/session_start_info', message(3, ...entries, double(5, seconds)))
}

/** The end of a session. Status 1: success, 2: error. */
export function sessionEnd(status: 1 | 2, seconds: number): Part {
  const info = message(4, integer(1, status), double(2, seconds))
  return hparams('_hparams_/session_end_info', info)
}

function setting(value: Setting): Part {
  if (typeof value === 'number') return double(2, value)
  return typeof value === 'boolean' ? integer(4, Number(value)) : string(3, value)
}

function hparams(tag: string, info: Part): Part {
  const plugin = message(1, string(1, 'hparams'), bytes(2, info))
  return message(
    1,
    string(1, tag),
    message(9, plugin, integer(4, dataClassTensor)),
    message(8, integer(1, floatType), message(2))
  )
}
