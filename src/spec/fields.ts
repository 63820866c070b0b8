/**
 * Options described as data. A component's spec is made of these fields, and parsing, defaults, lint, JSON Schema,
 * documentation and `thalweg list` all read the same object.
 */

interface Described<T> {
  readonly description: string
  readonly unit?: string
  readonly default?: T
  /** True where the option must be given. */
  readonly required?: true
}

interface Kind<K extends string, T> extends Described<T> {
  readonly kind: K
}

export interface NumberField extends Kind<'number' | 'integer', number> {
  readonly min?: number
  readonly max?: number
}
export interface StringField extends Kind<'string', string> {
  readonly pattern?: string
  /** True for a glob over tensor names. */
  readonly glob?: true
}
export type BooleanField = Kind<'boolean', boolean>
export interface ChoiceField<T extends string = string> extends Kind<'choice', T> {
  readonly choices: readonly T[]
}
export interface ListField<T = unknown> extends Kind<'list', readonly T[]> {
  readonly items: Field
  /** True if a single item may be written instead of a list of one. */
  readonly single?: true
}
export interface RecordField<T = unknown> extends Kind<'record', Readonly<Record<string, T>>> {
  readonly values: Field
}
export interface ObjectField extends Kind<'object', object> {
  readonly fields: Fields
}
/** One of several kinds, distinguished by their JSON types. */
export interface EitherField extends Kind<'either', unknown> {
  readonly of: readonly Field[]
}

export type Field =
  | NumberField
  | StringField
  | BooleanField
  | ChoiceField
  | ListField
  | RecordField
  | ObjectField
  | EitherField

export type Fields = { readonly [name: string]: Field }

type Value<F> = F extends NumberField
  ? number
  : F extends BooleanField
    ? boolean
    : F extends ChoiceField<infer T>
      ? T
      : F extends StringField
        ? string
        : F extends { kind: 'list'; items: infer I }
          ? readonly Value<I>[]
          : F extends { kind: 'record'; values: infer V }
            ? Readonly<Record<string, Value<V>>>
            : F extends { kind: 'object'; fields: infer O }
              ? Options<O>
              : F extends { kind: 'either'; of: readonly (infer A)[] }
                ? Value<A>
                : never

/** What a caller writes for a field. */
type Input<F> = F extends { kind: 'object'; fields: infer O }
  ? OptionsInput<O>
  : F extends { kind: 'list'; items: infer I; single: true }
    ? Input<I> | readonly Input<I>[]
    : F extends { kind: 'list'; items: infer I }
      ? readonly Input<I>[]
      : F extends { kind: 'either'; of: readonly (infer A)[] }
        ? A extends unknown
          ? Input<A>
          : never
        : Value<F>

type Present<F> = {
  [K in keyof F]: F[K] extends { default: unknown } | { required: true } | { kind: 'object' }
    ? K
    : never
}[keyof F]

/** Options after parsing. Options with a default, required options and nested objects are always present. */
export type Options<F> = string extends keyof F
  ? AnyOptions
  : { readonly [K in Present<F>]: Value<F[K]> } & {
      readonly [K in Exclude<keyof F, Present<F>>]?: Value<F[K]>
    }

/** Options of a component that is known only at run time. They are assignable to any options type. */
export type AnyOptions = { readonly [name: string]: never }

/** Options as a caller writes them. All of them are optional. */
export type OptionsInput<F> = string extends keyof F
  ? { readonly [name: string]: unknown }
  : { readonly [K in keyof F]?: Input<F[K]> }

export const integer = <const F extends Omit<NumberField, 'kind'>>(field: F) =>
  ({ kind: 'integer', ...field }) as const
export const number = <const F extends Omit<NumberField, 'kind'>>(field: F) =>
  ({ kind: 'number', ...field }) as const
export const string = <const F extends Omit<StringField, 'kind'>>(field: F) =>
  ({ kind: 'string', ...field }) as const
export const boolean = <const F extends Omit<BooleanField, 'kind'>>(field: F) =>
  ({ kind: 'boolean', ...field }) as const
export const choice = <
  const T extends string,
  const F extends Omit<ChoiceField<T>, 'kind' | 'choices'>,
>(
  choices: readonly T[],
  field: F
) =>
  ({ kind: 'choice', choices, ...field }) as {
    readonly kind: 'choice'
    readonly choices: readonly T[]
  } & F
export const list = <const I extends Field, const F extends Omit<ListField, 'kind' | 'items'>>(
  items: I,
  field: F
) => ({ kind: 'list', items, ...field }) as const
export const record = <const V extends Field, const F extends Omit<RecordField, 'kind' | 'values'>>(
  values: V,
  field: F
) => ({ kind: 'record', values, ...field }) as const
export const object = <
  const O extends Fields,
  const F extends Omit<ObjectField, 'kind' | 'fields'>,
>(
  fields: O,
  field: F
) => ({ kind: 'object', fields, ...field }) as const

export const either = <
  const A extends readonly Field[],
  const F extends Omit<EitherField, 'kind' | 'of'>,
>(
  of: A,
  field: F
) => ({ kind: 'either', of, ...field }) as const

/** A list of glob patterns over tensor names. */
export const globs = <const F extends Omit<ListField<string>, 'kind' | 'items'>>(field: F) =>
  list(
    string({ glob: true, description: 'a glob over tensor names, `.` and `/` both separate' }),
    field
  )
