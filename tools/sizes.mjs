// Bundles `thalweg/edge` as for a Worker, with the stages of the default pipeline. Prints the size of each file after gzip, and
// what it consists of. Fails if the bundle exceeds the ceiling, or contains a stage that it does not name. Needs a build.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Target size of the bundle. */
const goal = 40_000
/** Slightly more than the present size. Lower it together with the bundle. */
const ceiling = 130_700
const stages = ['svd', 'cmd', 'ftle']
/** The stages that the bundle does not name, except for the one that always runs. */
const others = readdirSync('dist/stages', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && ![...stages, 'health'].includes(entry.name))
  .map(({ name }) => `stages/${name}`)

let failed = false
const whole = await bundle(stages)
const distance = `${kilobytes(whole.bytes - goal)} above the goal of ${kilobytes(goal)}`
console.log(`edge bundle with ${stages.join(', ')}: ${kilobytes(whole.bytes)} gzip, ${distance}`)
for (const [part, bytes] of whole.parts) console.log(`  ${kilobytes(bytes).padStart(8)} ${part}`)
if (whole.bytes > ceiling) {
  fail(`${whole.bytes} bytes are above the ceiling of ${ceiling}. Find what came along.`)
}
for (const other of others) {
  if (whole.inputs.some((input) => input.includes(`${other}/`) || input.includes(`${other}.`))) {
    fail(`${other} is not named, and comes along`)
  }
}
for (const stage of stages) {
  const rest = await bundle(stages.filter((other) => other !== stage))
  const stray = rest.inputs.filter((input) => new RegExp(`(stages|wasm)/${stage}\\b`).test(input))
  console.log(`without ${stage}: ${kilobytes(rest.bytes)}`)
  if (stray.length > 0) fail(`${stage} is not named, and these come along: ${stray.join(', ')}`)
}
process.exitCode = failed ? 1 : 0

/** The contents of a Worker: the script, and each module that it imports. */
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
    // Bundles of users do not see our tsconfig, which leads to sources.
    tsconfigRaw: '{}',
    write: false,
    metafile: true,
  })
  const files = outputFiles.map(({ path, contents }) => ({
    name: basename(path).replace(/-\w+\.wasm$/, '.wasm'),
    bytes: gzipSync(contents, { level: 9 }).length,
  }))
  const script = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint)
  const { bytes: shrunk } = files.find(({ name }) => name.endsWith('.js'))
  const modules = files.filter(({ name }) => name.endsWith('.wasm'))
  const parts = new Map(modules.map(({ name, bytes }) => [name, bytes]))
  // A source's share of the compressed script is estimated by its share of the uncompressed one.
  for (const [input, { bytesInOutput }] of Object.entries(script.inputs)) {
    const part = /^node_modules\/(@[^/]+\/)?[^/]+|^dist\/stages\/[^/]+|^dist\/[^/]+/.exec(input)
    if (!part || bytesInOutput === 0) continue
    parts.set(part[0], (parts.get(part[0]) ?? 0) + (bytesInOutput * shrunk) / script.bytes)
  }
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    parts: [...parts].sort(([, a], [, b]) => b - a),
    inputs: Object.keys(metafile.inputs).filter((input) => bytesOf(metafile, input) > 0),
  }
}

/** How many bytes of a file are in the bundle. */
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
