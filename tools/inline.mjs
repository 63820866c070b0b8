// A transform of the AssemblyScript compiler: functions whose doc comment says `@inline` are inlined, as with the decorator of
// that name. A decorator on a function is no TypeScript, so neither the formatter nor the linter reads a file that has one.
import { DecoratorFlags, ElementKind } from 'assemblyscript'

export default {
  afterInitialize(program) {
    for (const [declaration, element] of program.elementsByDeclaration) {
      if (element.kind !== ElementKind.FunctionPrototype || declaration.range.source.isLibrary)
        continue
      if (/@inline\b/.test(docOf(declaration))) element.decoratorFlags |= DecoratorFlags.Inline
    }
  },
}

/** The doc comment right before a declaration, or nothing. */
export function docOf({ range }) {
  const before = range.source.text.slice(0, range.start).trimEnd()
  return /\/\*\*(?:[^*]|\*(?!\/))*\*\/$/.exec(before)?.[0] ?? ''
}
