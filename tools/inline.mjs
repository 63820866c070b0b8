// A transform for the AssemblyScript compiler: a function whose doc comment says `@inline` is inlined, as if it had the decorator
// of that name. A decorator on a function is not valid TypeScript, so neither the formatter nor the linter would read the file.
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

/** The doc comment directly before a declaration, if any. */
export function docOf({ range }) {
  const before = range.source.text.slice(0, range.start).trimEnd()
  return /\/\*\*(?:[^*]|\*(?!\/))*\*\/$/.exec(before)?.[0] ?? ''
}
