// Bundles `thalweg/edge` with the stages of the default pipeline, prints what it weighs and what it is made of, and
// fails above the budget, or where a stage that is not named comes along. Needs a build.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const budget = 40_000
const stages = ['svd', 'cmd', 'ftle']

let failed = false
const whole = await bundle(stages)
console.log(`edge bundle with ${stages.join(', ')}: ${kilobytes(whole.bytes)} gzip`)
for (const [part, bytes] of whole.parts) console.log(`  ${kilobytes(bytes).padStart(8)} ${part}`)
if (whole.bytes > budget) fail(`the budget is ${kilobytes(budget)}`)
for (const stage of stages) {
  const rest = await bundle(stages.filter((other) => other !== stage))
  const stray = rest.inputs.filter((input) => new RegExp(`(stages|wasm)/${stage}\\b`).test(input))
  console.log(`without ${stage}: ${kilobytes(rest.bytes)}`)
  if (stray.length > 0) fail(`${stage} is not named, and these come along: ${stray.join(', ')}`)
}
process.exitCode = failed ? 1 : 0

/** What a Worker carries: the script, and each module that it imports. */
async function bundle(names) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { handler, ${names.join(', ')} } from 'thalweg/edge'`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    conditions: ['workerd'],
    mainFields: ['module', 'main'],
    external: ['node:*'],
    loader: { '.wasm': 'copy' },
    outdir: 'sizes',
    write: false,
    metafile: true,
  })
  const script = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint)
  const weights = outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length)
  const scripts = outputFiles.findIndex(({ path }) => path.endsWith('.js'))
  // A file's share of the compressed script, by its share of the plain one.
  const shrunk = weights[scripts] / script.bytes
  const parts = new Map([['modules', weights.reduce((a, b) => a + b) - weights[scripts]]])
  for (const [input, { bytesInOutput }] of Object.entries(script.inputs)) {
    const part = /^node_modules\/(@[^/]+\/)?[^/]+|^dist\/stages\/[^/]+|^dist\/[^/]+/.exec(input)
    if (part) parts.set(part[0], (parts.get(part[0]) ?? 0) + bytesInOutput * shrunk)
  }
  return {
    bytes: weights.reduce((a, b) => a + b),
    parts: [...parts].sort(([, a], [, b]) => b - a),
    inputs: Object.keys(metafile.inputs).filter((input) => bytesOf(metafile, input) > 0),
  }
}

/** Bytes of a file that come along. */
function bytesOf({ outputs }, input) {
  return Object.values(outputs).reduce(
    (sum, { inputs }) => sum + (inputs[input]?.bytesInOutput ?? 0),
    0
  )
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function fail(message) {
  failed = true
  console.error(`sizes: ${message}`)
}
