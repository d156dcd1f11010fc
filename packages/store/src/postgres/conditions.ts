import type { Value } from './connection.ts'

/** Equalities for what is given, and what holds anyway. The values they take are put behind those that are there. */
export function conditions(
  equal: Readonly<Record<string, string | undefined>>,
  values: Value[],
  ...always: readonly string[]
): string {
  const given = Object.entries(equal).flatMap(([column, value]) => {
    return value === undefined ? [] : [`${column} = $${values.push(value)}`]
  })
  const all = [...always, ...given]
  return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`
}
