import type { Envelope } from './envelope.ts'
import { countExpected, described, isCount, isMap } from './envelope.ts'
import type { Dtype, Fold, OpenFrame, Tensor } from './frame.ts'
import { dtypeBytes } from './frame.ts'
import type { Limits } from './limits.ts'

/** Largest `meta` in bytes. It is kept as plain values, and saved with every state. */
const metaBytes = 1 << 20

/**
 * Reads an `open` frame.
 *
 * @throws E_VERSION, E_TENSOR, E_DTYPE, E_LIMIT, E_FRAME_KEY
 */
export function decodeOpen(envelope: Envelope, limits: Limits): OpenFrame {
  const version = envelope.value('version')
  if (version !== 1) {
    envelope.fail(
      'E_VERSION',
      'version',
      `is ${described(version)}, this reader knows 1. Use a reader or a writer of the same version.`
    )
  }
  const entries = envelope.array('tensors')
  if (entries.length === 0) envelope.mistaken('tensors', entries, 'at least one tensor')
  if (entries.length > limits.tensors) {
    envelope.fail(
      'E_LIMIT',
      'tensors',
      `has ${entries.length} entries, at most ${limits.tensors} pass. Raise "limits.tensors".`
    )
  }
  const members = envelope.integer('members', 1)
  if (members === 0) envelope.mistaken('members', members, 'at least 1')
  if (members > limits.members) {
    envelope.fail(
      'E_LIMIT',
      'members',
      `is ${members}, at most ${limits.members} pass. Raise "limits.members".`
    )
  }
  return {
    kind: 'open',
    version,
    run: envelope.string('run'),
    tensors: decodeTensors(envelope, entries),
    members,
    coupled: envelope.boolean('coupled', false),
    meta: decodeMeta(envelope),
    offset: envelope.offset,
    bytes: envelope.bytes.length,
  }
}

function decodeMeta(envelope: Envelope): OpenFrame['meta'] {
  if (!envelope.has('meta')) return {}
  const length = envelope.lengthOf('meta')
  if (length > metaBytes) {
    envelope.fail(
      'E_LIMIT',
      'meta',
      `has ${length} bytes, at most ${metaBytes} are allowed. Leave out what is not a setting.`
    )
  }
  return envelope.json('meta')
}

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(dtypeBytes, value)
}

/** What a message says of a value that should be an element type. */
export function notDtype(value: unknown): string {
  return `is ${described(value)}, expected one of ${Object.keys(dtypeBytes).join(', ')}.`
}

/** Number of elements of a shape. Undefined if it is not a valid shape, or has more than 2^53 elements. */
export function elementsOf(shape: readonly unknown[]): number | undefined {
  let elements = 1
  for (const extent of shape) {
    if (!isCount(extent)) return undefined
    elements *= extent
  }
  return Number.isSafeInteger(elements) ? elements : undefined
}

function decodeTensors(envelope: Envelope, entries: readonly unknown[]): Tensor[] {
  const places = new Map<string, number>()
  return entries.map((entry, i) => {
    const tensor = decodeTensor(envelope, entry, i)
    const place = places.get(tensor.name)
    if (place !== undefined) {
      envelope.fail(
        'E_TENSOR',
        `tensors[${i}].name`,
        `is ${described(tensor.name)}, and so is tensors[${place}].name. Give each tensor its own name.`,
        'tensors'
      )
    }
    places.set(tensor.name, i)
    return tensor
  })
}

function decodeTensor(envelope: Envelope, entry: unknown, i: number): Tensor {
  const mistaken = (key: string, value: unknown, expected: string): never =>
    envelope.mistaken(`tensors[${i}]${key}`, value, expected, 'tensors')
  if (!isMap(entry)) return mistaken('', entry, 'a map with name, shape and dtype')
  const { name, shape, dtype, role, trainable, fold } = entry
  if (typeof name !== 'string') return mistaken('.name', name, 'a string')
  if (!Array.isArray(shape)) return mistaken('.shape', shape, 'an array of integers')
  const elements = elementsOf(shape)
  if (elements === undefined) {
    return envelope.fail(
      'E_TENSOR',
      `tensors[${i}].shape`,
      `of ${described(name)} is [${shape.slice(0, 8).map(described)}], expected integers >= 0 with a product below 2^53.`,
      'tensors'
    )
  }
  if (!isDtype(dtype)) {
    const what = `of ${described(name)} ${notDtype(dtype)}`
    return envelope.fail('E_DTYPE', `tensors[${i}].dtype`, what, 'tensors')
  }
  if (role !== undefined && typeof role !== 'string') return mistaken('.role', role, 'a string')
  if (trainable !== undefined && typeof trainable !== 'boolean') {
    return mistaken('.trainable', trainable, 'a boolean')
  }
  const tensor = { name, shape, dtype, elements }
  // Few of the tens of thousands of tensors have more keys than these.
  if (role === undefined && trainable === undefined && fold === undefined) return tensor
  return {
    ...tensor,
    ...(role !== undefined && { role }),
    ...(trainable !== undefined && { trainable }),
    ...(fold !== undefined && { fold: decodeFold(fold, shape, mistaken) }),
  }
}

function decodeFold(
  fold: unknown,
  shape: readonly number[],
  mistaken: (key: string, value: unknown, expected: string) => never
): Fold {
  if (!isMap(fold)) return mistaken('.fold', fold, 'a map with elements and seed')
  const { elements, seed, first = 0 } = fold
  if (!isCount(elements)) return mistaken('.fold.elements', elements, countExpected(elements))
  if (!isCount(seed) || seed >= 2 ** 32) {
    return mistaken('.fold.seed', seed, 'an integer from 0 to 2^32 - 1')
  }
  if (!isCount(first) || !isCount(first + elements)) {
    return mistaken('.fold.first', first, 'an integer >= 0 whose sum with "elements" is below 2^53')
  }
  if (shape.length !== 1 || shape[0] === 0) {
    return mistaken('.shape', shape, '[m], the rows that the fold has')
  }
  return { elements, first, seed }
}
