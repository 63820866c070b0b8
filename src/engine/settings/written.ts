import type { Field, Fields } from '../../spec/fields.ts'
import { optionsOf } from './parse.ts'
import type { ParsedStage } from './settings.ts'

/** A stage as a person would write it: without options that have their default. */
export function written(stage: ParsedStage): object {
  const { definition, options, sources: _, path: __, ...common } = stage
  const { id, ...rest } = common
  const named = id === definition.type ? {} : { id }
  return {
    type: definition.type,
    ...named,
    ...withoutDefaults(optionsOf(definition), { ...rest, ...options }),
  }
}

/** Leaves out options that have their default. */
export function withoutDefaults(fields: Fields, options: object): object {
  const said = Object.entries(options).flatMap(([name, value]): [string, unknown][] => {
    const field = fields[name]!
    if (field.kind === 'object') {
      const nested = withoutDefaults(field.fields, value)
      return Object.keys(nested).length > 0 ? [[name, nested]] : []
    }
    return isDefault(field, value) ? [] : [[name, value]]
  })
  return Object.fromEntries(said)
}

function isDefault(field: Field, value: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(field.default)
}

/** The stage with some of its own options replaced. */
export function withOptions(stage: ParsedStage, options: object): ParsedStage {
  return { ...stage, options: { ...stage.options, ...options } as ParsedStage['options'] }
}
