import { list, string } from '../../spec/fields.ts'

/** `--set`, as every command that reads a pipeline has it. */
export const setOption = list(string({ description: 'one value', unit: 'path=value' }), {
  description: 'sets a value of the pipeline, as in stages[0].rank=8; values are JSON',
  default: [],
})
