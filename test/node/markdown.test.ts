import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { markdownTable, markdownText } from '../../src/node/markdown.ts'

const markdown = suite('text in Markdown')

markdown('stands as it is', () => {
  for (const [text, shown] of [
    ['0.674 of 1', '0.674 of 1'],
    ['-1.5', '-1.5'],
    ['# a', '\\# a'],
    ['- a', '\\- a'],
    ['1. a', '1\\. a'],
    ['*a* _b_ `c`', '\\*a\\* \\_b\\_ \\`c\\`'],
    ['[a](b) ![c](d)', '\\[a\\](b) !\\[c\\](d)'],
    ['<b>&', '&lt;b\\>&amp;'],
    ['https://x www.x a@b', 'https\\://x www\\.x a\\@b'],
  ] as const) {
    assert.is(markdownText(text), shown)
  }
  assert.not.match(markdownText('a\nb\x1b'), /\p{Cc}/u)
  assert.is(
    markdownTable([
      ['a', 'b'],
      ['x|y', ''],
    ]),
    '| a | b |\n| --- | --- |\n| x\\|y |  |'
  )
})

markdown.run()
