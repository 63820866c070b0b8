// What we write is read by TensorBoard's own readers.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { Run } from '../../src/engine/run/run.ts'
import { tensorboard } from '../../src/sinks/tensorboard/index.ts'
import { crc32c } from '../../src/sinks/tensorboard/record.ts'
import { everyKind } from '../../src/testing/every-kind.ts'
import { bytes, delta, openFrame } from '../engine/frames.ts'
import { hasPython, python } from '../support/python.ts'
import { blockOf, endAt, hostile, metricsAt, opened, sunk, type } from '../support/stored.ts'

const board = suite('event files')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
board.after(() => rmSync(folder, { recursive: true }))

board('have the checksum that the standard gives', () => {
  // RFC 3720, B.4
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa)
  assert.is(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43)
  assert.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e)
})

board('lie in a folder of each run, whatever its name', async () => {
  const path = join(folder, 'names')
  const runs = ['a', '../../b', 'a b', 'a_b', '', hostile]
  for (const run of runs) assert.ok(endAt(1, run))
  await sunk(
    tensorboard,
    { path },
    runs.map((run) => blockOf(endAt(1, run)))
  )
  assert.is(readdirSync(path).length, runs.length)
  assert.not(readdirSync(folder).some((name) => name !== 'names'))
})

const test = hasPython('tensorboard', 'numpy') ? board : board.skip

interface Read {
  readonly scalars: Record<string, [step: number, value: number][]>
  readonly histograms: Record<
    string,
    {
      min: number
      max: number
      num: number
      sum: number
      bucket_limit: number[]
      bucket: number[]
    }[]
  >
  readonly images: Record<string, { width: number; height: number; png: boolean }[]>
  readonly texts: Record<string, string[]>
  readonly hparams: Record<string, unknown>
  readonly events: number
}

const reader = `
import json, sys, types
# TensorBoard's own reader, not TensorFlow's, which takes a minute to load where it is there.
sys.modules['tensorboard.compat.notf'] = types.ModuleType('notf')
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, STORE_EVERYTHING_SIZE_GUIDANCE
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util
import glob
run = sys.argv[1]
acc = EventAccumulator(run, size_guidance=STORE_EVERYTHING_SIZE_GUIDANCE).Reload()
tags = acc.Tags()
texts, hparams = {}, {}
for tag in tags['tensors']:
    plugin = acc.SummaryMetadata(tag).plugin_data
    if plugin.plugin_name == 'text':
        texts[tag] = [tensor_util.make_ndarray(e.tensor_proto)[0].decode() for e in acc.Tensors(tag)]
    else:
        data = plugin_data_pb2.HParamsPluginData.FromString(plugin.content)
        kind = data.WhichOneof('data')
        if kind == 'session_start_info':
            hparams['start'] = {k: getattr(v, v.WhichOneof('kind')) for k, v in data.session_start_info.hparams.items()}
        else:
            hparams['status'] = data.session_end_info.status
print(json.dumps({
    'scalars': {tag: [[e.step, e.value] for e in acc.Scalars(tag)] for tag in tags['scalars']},
    'histograms': {tag: [{k: getattr(e.histogram_value, k) for k in ['min', 'max', 'num', 'sum', 'sum_squares', 'bucket_limit', 'bucket']} for e in acc.Histograms(tag)] for tag in tags['histograms']},
    'images': {tag: [{'width': e.width, 'height': e.height, 'png': e.encoded_image_string[:4] == b'\\x89PNG'} for e in acc.Images(tag)] for tag in tags['images']},
    'texts': texts, 'hparams': hparams,
    'events': sum(1 for f in glob.glob(run + '/*') for _ in EventFileLoader(f).Load()),
}))
`

test('are read with the tags, steps and values that were written, of figures of every kind', async () => {
  const path = join(folder, 'every')
  await sunk(tensorboard, { path })
  const { scalars, histograms, images, texts, hparams, events } = python<Read>(
    reader,
    join(path, 'r')
  )
  const f32 = (values: readonly [number, number][]) =>
    values.map(([step, value]) => [step, Math.fround(value)])
  assert.equal(scalars['metrics/loss'], [
    [10, 2.5],
    [20, 1.25],
    [30, 0.5],
  ])
  assert.equal(
    scalars[`${type}/ratio`],
    f32([
      [20, 0.674],
      [30, 0.674],
    ])
  )
  assert.equal(
    scalars[`${type}/values/01`],
    f32([
      [20, 12.345678],
      [30, 12.345678],
    ])
  )
  assert.equal(scalars[`${type}/sizeInterval/high`]![0], [10, Math.fround(2.9)])
  assert.equal(scalars[`${type}/history/02`]![0], [10, 6])
  assert.equal(scalars[`${type}/eigenvalues/02/imaginary`]![0], [10, -0.25])
  assert.equal(scalars[`${type}/ranges/01/low`]![0], [10, 12])
  assert.not.ok(`${type}/ranges/02/low` in scalars)
  assert.equal(histograms[`${type}/sizes`]![0], {
    min: 0,
    max: 2,
    num: 7,
    sum: 7.5,
    sum_squares: 9.75,
    bucket_limit: [1, 2],
    bucket: [3, 4],
  } as never)
  assert.equal(images[`${type}/layers`]![0], { width: 256, height: 256, png: true })
  assert.match(texts[`${type}/modes`]![0]!, /\| 23,012 \| 0\.9312 \|/)
  assert.match(texts[`${type}/phases`]![0]!, '| slow | fast | 3 |')
  assert.is(texts[`${type}/finding`]![0], 'calm')
  assert.match(texts[`${type}/says`]![1]!, 'The ratio is 0.674')
  assert.match(texts[`${type}/alerts`]![0]!, 'here it is')
  assert.is(hparams.status, 1)
  assert.is(events, 1 + 8)
  for (const [name, figure] of Object.entries(everyKind.definition.figures)) {
    const tags = [scalars, histograms, images, texts].flatMap((kind) => Object.keys(kind))
    const drawn = tags.some(
      (tag) => tag === `${type}/${name}` || tag.startsWith(`${type}/${name}/`)
    )
    assert.ok(drawn || 'when' in figure, name)
  }
})

test("hold histograms of each layer's updates and the trainer's settings", async () => {
  const path = join(folder, 'run')
  const meta = { optimizer: 'sgd', learningRate: 0.1, nesterov: true, nested: { a: 1 } }
  const open = openFrame(
    [
      { name: 'a/kernel', shape: [2, 3] },
      { name: 'b', shape: [1] },
    ],
    { meta }
  )
  const writes: unknown[] = []
  const sink = await opened(tensorboard, { path })
  const run = new Run(open, settingsOf({ block: 2 }), (block) => {
    writes.push(sink.write(block))
  })
  for (const step of [1, 2]) {
    run.push(delta(step, [bytes([1, 2, 3, 4, 5, 6 * step]), bytes([1])]) as never)
  }
  run.end()
  await Promise.all(writes)
  await sink.close()
  assert.ok(writes.length > 1)
  const { histograms, hparams } = python<Read>(reader, join(path, 'test'))
  const [found] = histograms['updates/a/kernel']!
  assert.equal([found!.min, found!.max, found!.num, found!.sum], [1, 12, 6, 27])
  assert.is(
    found!.bucket.reduce((a, b) => a + b),
    6
  )
  assert.is(histograms['updates/b']![0]!.num, 1)
  assert.equal(hparams.start, { optimizer: 'sgd', learningRate: 0.1, nesterov: true })
})

test('take names from strangers', async () => {
  const path = join(folder, 'hostile')
  await sunk(tensorboard, { path }, [blockOf(metricsAt(1, { [hostile]: 3 }), endAt(1))])
  const { scalars } = python<Read>(reader, join(path, 'r'))
  const tag = Object.keys(scalars).find((name) => name.startsWith('metrics/'))!
  assert.not.match(tag, '\x1b')
  assert.equal(scalars[tag], [[1, 3]])
})

board.run()
