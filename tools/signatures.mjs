// The TypeScript interface of a module in assembly/: each exported function takes one record whose members are its parameters by
// name. The members of a group (`from: Sums<u32>`) are in a record of their own (`sums.from`).
import { existsSync, writeFileSync } from 'node:fs'
import { docOf } from './inline.mjs'

/** Writes `kernels.gen.ts` beside the module's `reference.ts`. The module must be compiled already. */
export function writeSignatures(name, program, exported) {
  const folder = folderOf(name)
  const file = program.filesByName.get(`assembly/${name}`)
  const kernels = exported.map((exportName) => kernelOf(exportName, file.lookupExport(exportName)))
  writeFileSync(`src/${folder}/kernels.gen.ts`, textOf(name, folder, kernels))
}

function folderOf(name) {
  const folder = [`stages/${name}`, name].find((path) => existsSync(`src/${path}`))
  if (folder) return folder
  throw new Error(`assembly/${name}.ts: there is neither src/stages/${name} nor src/${name}`)
}

function kernelOf(name, prototype) {
  const [{ signature }] = prototype.instances.values()
  const parameters = prototype.declaration.signature.parameters.map(({ name: own, type }, i) => ({
    name: own.text,
    type: typeOf(signature.parameterTypes[i], `${name}: ${own.text}`),
    group: groupOf(type, prototype),
  }))
  const returns = typeOf(signature.returnType, name)
  return { name, doc: docOf(prototype.declaration), parameters, returns }
}

/** A group is a type alias for its own argument: `type Sums<T> = T`. */
function groupOf({ name, typeArguments }, prototype) {
  if (!typeArguments?.length) return undefined
  const type = name.identifier.text
  const member = type[0].toLowerCase() + type.slice(1)
  return { type, member, doc: docOf(prototype.lookup(type).declaration) }
}

const types = {
  void: 'void',
  bool: 'boolean',
  ...Object.fromEntries(['usize', 'i32', 'u32', 'f32', 'f64'].map((type) => [type, 'number'])),
}

function typeOf(type, where) {
  const own = types[type.toString()]
  if (own) return own
  throw new Error(`${where} is ${type}; kernels take and return ${Object.keys(types).join(', ')}`)
}

function textOf(name, folder, kernels) {
  const variable = `${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}Kernels`
  const type = variable[0].toUpperCase() + variable.slice(1)
  const up = '../'.repeat(folder.split('/').length)
  const groups = groupsOf(kernels)
  return `// Made by tools/signatures.mjs out of assembly/${name}.ts.
import { reference } from '#reference/${folder}'
import { base, relaxed } from '#wasm/${name}'
import type { KernelSource } from '${up}kernels/arena.ts'
${[...groups.values()].map(interfaceOf).join('')}
/** The kernels of \`assembly/${name}.ts\`, which says how what they read and write is laid out. */
export interface ${type} {
${kernels.map((kernel) => methodOf(kernel, groups)).join('')}}

export const ${variable}: KernelSource<${type}> = {
  name: '${name}',
  modules: { base, relaxed },
  bind: (wasm) => ({
${kernels.map(bindingOf).join('')}  }),
  reference,
}
`
}

/** Each group, with the members that any kernel uses. */
function groupsOf(kernels) {
  const groups = new Map()
  for (const { name, type, group } of kernels.flatMap(({ parameters }) => parameters)) {
    if (!group) continue
    if (!groups.has(group.type)) groups.set(group.type, { ...group, members: new Map() })
    groups.get(group.type).members.set(name, type)
  }
  return groups
}

function interfaceOf({ type, doc, members }) {
  const lines = [...members].map(([name, own]) => `  readonly ${name}: ${own}\n`)
  return `\n${indented(doc, '')}export interface ${type} {\n${lines.join('')}}\n`
}

function methodOf({ name, doc, parameters, returns }, groups) {
  const lines = new Map()
  for (const { name: own, type, group } of parameters) {
    lines.set(group?.member ?? own, group ? partOf(group, parameters, groups) : type)
  }
  const members = [...lines].map(([member, own]) => `    readonly ${member}: ${own}\n`)
  return `${indented(doc, '  ')}  ${name}(values: {\n${members.join('')}  }): ${returns}\n`
}

/** A group, or the members of it that this kernel uses. */
function partOf({ type }, parameters, groups) {
  const own = parameters.filter(({ group }) => group?.type === type).map(({ name }) => `'${name}'`)
  return own.length < groups.get(type).members.size ? `Pick<${type}, ${own.join(' | ')}>` : type
}

function bindingOf({ name, parameters }) {
  const values = parameters.map(({ name: own, type, group }) => {
    const value = ['v', ...(group ? [group.member] : []), own].join('.')
    return type === 'boolean' ? `Number(${value})` : value
  })
  return `    ${name}: (v) => wasm.${name}!(${values.join(', ')}),\n`
}

function indented(doc, space) {
  return doc && `${doc.replace(/\n\s*/g, `\n${space} `).replace(/^/, space)}\n`
}
