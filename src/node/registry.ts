import type { Registry } from '../pipeline/pipeline.ts'
import { sinks } from '../sinks/registry.gen.ts'
import { sources } from '../sources/registry.gen.ts'
import { stages } from '../stages/registry.gen.ts'

/** Every component that ships with the package. */
export const registry: Registry = { stages, sources, sinks }
