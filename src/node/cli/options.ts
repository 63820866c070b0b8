import { list, string } from '../../spec/fields.ts'

/** The option `--set`, which all commands that read a pipeline have. */
export const setOption = list(string({ description: 'one value', unit: 'path=value' }), {
  description: 'sets a value of the pipeline, as in stages[0].rank=8; values are JSON',
  default: [],
})
