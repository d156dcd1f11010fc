import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as protocol from './index.ts'
import { LIMITS } from './limits.ts'

/** A part of a message that may be longer or larger: where it stands, and what it is. */
interface Part {
  readonly where: string
  readonly schema: z.core.$ZodType
}

const PARTS = partsOfAll()
/** More than any test needs to see that there is no end. */
const LONG_RECORD = 5_000

describe('every list, text and number of a message is taken at its limit, and refused one above', () => {
  test.each(PARTS.map(({ where, schema }) => [where, schema] as const))('%s', (_where, schema) => {
    const most = limitOf(schema)
    if (most === undefined) throw new Error('it has no limit')
    expect(candidates(schema, most).some((value) => z.safeParse(schema, value).success)).toBe(true)
    for (const value of candidates(schema, most + 1)) expect(z.safeParse(schema, value).success).toBe(false)
  })
})

test('no list is allowed to be longer than the codec reads', () => {
  const tooLong = PARTS.filter(({ schema }) => {
    return schema instanceof z.ZodArray && (maximumOf(schema) ?? Infinity) > LIMITS.itemsPerList
  })
  expect(tooLong.map(({ where }) => where)).toEqual([])
})

test('a list, text, number, record or bytes without a limit is found', () => {
  const unbounded = z.object({
    list: z.array(z.boolean()),
    text: z.string(),
    number: z.number(),
    record: z.record(z.string().max(1), z.boolean()),
    bytes: z.instanceof(Uint8Array),
    pattern: z.string().regex(/^a+$/),
  })
  const found = [...partsOf('it', unbounded, new Set())].filter(({ schema }) => limitOf(schema) === undefined)
  expect(found.map(({ where }) => where)).toEqual([
    'it.list',
    'it.text',
    'it.number',
    'it.record',
    'it.bytes',
    'it.pattern',
  ])
})

/** The parts of every message, each schema once. */
function partsOfAll(): Part[] {
  const seen = new Set<z.core.$ZodType>()
  const schemas = Object.entries(protocol).filter(([, value]) => value instanceof z.ZodType)
  const named = schemas.flatMap(([name, schema]) => [...partsOf(name, schema as z.ZodType, seen)])
  const routes = protocol.allRoutes().flatMap((route) => {
    return takenBy(route).flatMap((schema) => [...partsOf(`${route.method} ${route.path}`, schema, seen)])
  })
  return [...named, ...routes]
}

/** What a route reads; its answers are made by the coordinator, from rows it has bounded. */
function takenBy({ params, query, body }: protocol.Route): z.core.$ZodType[] {
  return [params, query, body].flatMap((part) => {
    if (part === undefined) return []
    if (protocol.isJson(part)) return [part]
    return part.kind === 'cbor' ? [part.message] : part.kind === 'form' ? [part.fields] : []
  })
}

function* partsOf(where: string, schema: z.core.$ZodType, seen: Set<z.core.$ZodType>): Generator<Part> {
  if (seen.has(schema)) return
  seen.add(schema)
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
    case 'number':
    case 'custom':
      yield { where, schema }
      return
    case 'array':
      // How many there are is a matter of the list; what each of them is has its own tests.
      yield { where, schema: (schema as z.ZodArray).clone({ ...def, element: z.null() }) }
      yield* partsOf(`${where}[]`, def.element, seen)
      return
    case 'record':
      yield { where, schema }
      yield* partsOf(`${where} key`, def.keyType, seen)
      yield* partsOf(`${where} value`, def.valueType, seen)
      return
    case 'object':
      for (const [field, inner] of Object.entries(def.shape)) yield* partsOf(`${where}.${field}`, inner, seen)
      return
    case 'union':
      for (const [index, option] of def.options.entries()) yield* partsOf(`${where}|${index}`, option, seen)
      return
    case 'tuple':
      for (const [index, item] of def.items.entries()) yield* partsOf(`${where}[${index}]`, item, seen)
      return
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
      yield* partsOf(where, def.innerType, seen)
      return
    case 'pipe':
      yield* partsOf(where, def.in, seen)
      yield* partsOf(where, def.out, seen)
      return
    case 'literal':
    case 'enum':
    case 'boolean':
    case 'transform':
      return
    default:
      throw new Error(`${where} is of a kind that nobody has thought of a limit for: ${def.type}`)
  }
}

/** The longest, or largest, that is taken; `undefined` where there is no end. */
function limitOf(schema: z.core.$ZodType): number | undefined {
  return maximumOf(schema) ?? foundLimitOf(schema)
}

function maximumOf(schema: z.core.$ZodType): number | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  const checks = (def.checks ?? []).map((check) => (check as z.core.$ZodChecks)._zod.def)
  const limits = [def, ...checks].flatMap((check) => {
    if (!('check' in check)) return []
    if (check.check === 'max_length') return [check.maximum]
    if (check.check === 'less_than') return [Number(check.value)]
    return check.check === 'number_format' && check.format === 'safeint' ? [Number.MAX_SAFE_INTEGER] : []
  })
  return limits.length > 0 ? Math.min(...limits) : undefined
}

/** Of what says its limit in a pattern or a refinement, the limit is found by trying. */
function foundLimitOf(schema: z.core.$ZodType): number | undefined {
  const { type } = (schema as z.core.$ZodTypes)._zod.def
  if (type === 'array' || type === 'number') return undefined
  const lengths = type === 'string' ? TEXT_LENGTHS : SIZES
  const isTaken = (length: number): boolean =>
    candidates(schema, length).some((value) => z.safeParse(schema, value).success)
  return lengths.find((length) => isTaken(length) && !isTaken(length + 1))
}

const TEXT_LENGTHS = Array.from({ length: 100 }, (_, index) => index + 1)
const SIZES = [...new Set(Object.values(LIMITS).flatMap((limit) => [limit, limit * 36]))]
  .filter((size) => size <= LIMITS.inflatedBytes)
  .sort((a, b) => a - b)

/** Values of a length (of a number: of that size), some of which fit the pattern where there is one. */
function candidates(schema: z.core.$ZodType, length: number): readonly unknown[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return textsOf(length)
    case 'number':
      return [length]
    case 'array':
      return [Array.from({ length }, () => null)]
    case 'record': {
      if (length > LONG_RECORD) return []
      const keys = Array.from({ length }, (_, index) => `n${index}`)
      return [1, true].map((value) => Object.fromEntries(keys.map((key) => [key, value])))
    }
    default:
      return [new Uint8Array(length)]
  }
}

function textsOf(length: number): readonly string[] {
  const filled = (before: string, letter: string, after: string): string[] => {
    const left = length - before.length - after.length
    return left < 0 ? [] : [before + letter.repeat(left) + after]
  }
  return [
    ...filled('', 'a', ''),
    ...filled('', 'A', '='),
    ...filled('', 'A', '=='),
    ...filled('-', '1', ''),
    ...filled('', '1', ''),
    ...filled('a'.repeat(64), '1', '').map((text) => `${text.slice(0, 64)}.${text.slice(65)}`),
    ...filled('http://a/', 'a', ''),
    ...filled('a@', 'a', ''),
    ...filled('2026-01-01T00:00:00.', '0', 'Z'),
  ]
}
