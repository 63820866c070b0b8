import { after, opening, refusals } from './refusals.ts'
import { bytes, delta, f32, pack } from './streams.ts'

const { refuses, run } = refusals('what stands between frames')

const stray = (what: string, text: string, words: string): void => {
  refuses(what, bytes(opening, text), ['E_STRAY_TEXT', after, words, 'Keep stdout clean'])
}
stray('a line of text', 'Epoch 1/10 loss 0.5\n', '"Epoch 1/10 loss 0.5"')
stray('text without an end', 'done', '"done"')
stray('text after an empty line', '\r\n  step 3\nmore', '"step 3"')
stray('an empty line', '\n', '"\\n"')
stray('coloured text', '\u001b[32mok\u001b[0m all\n', '"ok all"')
stray('text that is not English', '▁▂ 損失 0.3\n', '"▁▂ 損失 0.3"')
stray('a long text', `${'word '.repeat(30)}\n`, `"${'word '.repeat(8)}..."`)
refuses('text between two frames', bytes(opening, 'hi', pack(delta())), [
  'E_STRAY_TEXT',
  after,
  '"hi"',
])
refuses('an empty line between two frames', bytes(opening, '\n', pack(delta())), [
  'E_STRAY_TEXT',
  after,
  '"\\n"',
])
refuses('text from the first byte on', bytes('Loading MNIST\n'), [
  'E_STRAY_TEXT',
  0,
  '"Loading MNIST"',
])
for (const [type, value] of Object.entries({
  array: [1],
  str: 'text',
  bin: f32(1),
  nil: null,
  bool: true,
  int: -5,
  float: 0.5,
})) {
  refuses(`a value of type ${type} between frames`, bytes(opening, pack(value)), [
    'E_FRAME',
    after,
    `of type ${type}, expected a map`,
  ])
}

run()
