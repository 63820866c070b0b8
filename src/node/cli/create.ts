import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ThalwegError } from '../../error.ts'
import { string } from '../../spec/fields.ts'
import { outputError } from '../writer.ts'
import { defineCommand } from './command.ts'

/** The template, which is one of the examples. */
const template = new URL('../../../examples/stage/', import.meta.url)
const endings = ['js', 'test.js', 'json']

export const create = defineCommand({
  name: 'create',
  summary: 'Makes a stage of your own: its module, a test that passes, a pipeline that names it.',
  positional: {
    name: 'stage <name>',
    description: 'what to make, and its type, such as `my-drift`',
    many: true,
    choices: () => ['stage'],
  },
  options: {
    out: string({ description: 'the folder for the files', unit: 'folder', default: '.' }),
  },
  examples: ['thalweg create stage my-drift', 'thalweg create stage my-drift --out stages'],
  run({ out }, [kind, name = '']) {
    if (kind !== 'stage') {
      throw usage('write what to make, as in thalweg create stage my-drift.')
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      throw usage(
        `"${name}" cannot be a type. Use small letters and digits, with hyphens between them.`
      )
    }
    const files = endings.map((ending) => ({
      path: join(out, `${name}.${ending}`),
      text: written(ending, name, out),
    }))
    const taken = files.find(({ path }) => existsSync(path))
    if (taken) throw usage(`"${taken.path}" exists already. Choose another name.`)
    try {
      mkdirSync(out, { recursive: true })
      for (const { path, text } of files) writeFileSync(path, text)
    } catch (error) {
      throw outputError(error as NodeJS.ErrnoException, `folder "${out}"`)
    }
    const [stage, test, pipeline] = files.map(({ path }) => path)
    process.stdout.write(`${stage}\n${test}\n${pipeline}

Test it with  node --test ${test}
Run it with   thalweg run ${pipeline} --input stream.msgpack
`)
    return 0
  },
})

/** A file of the template, adapted to the stage's name. */
function written(ending: string, name: string, out: string): string {
  const variable = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  // Paths in a pipeline are relative to the working directory.
  const module = ending === 'json' ? `./${relative('.', join(out, name))}.js` : `./${name}.js`
  return readFileSync(new URL(`stage.${ending}`, template), 'utf8')
    .replaceAll('./stage.js', module)
    .replaceAll('my-stage', name)
    .replaceAll('myStage', variable)
}

function usage(message: string): ThalwegError {
  return new ThalwegError('E_USAGE', `create: ${message}`)
}
