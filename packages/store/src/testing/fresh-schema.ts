import { inject } from 'vitest'

let count = 0

/** An address for tables that nobody has used yet, on the server that the test run has started, or by another way to it. */
export function freshSchema(way: string = inject('postgresUrl')): string {
  return `${way}?schema=t_${process.pid}_${process.env['VITEST_POOL_ID'] ?? 0}_${++count}_${Date.now().toString(36)}`
}
