import fc from 'fast-check'
import type { Act } from './offline-author.ts'

export const name = fc.constantFrom('d', 'e', 'f', 's', 'x', 'g')
export const pick = fc.nat({ max: 11 })
export const text = fc.constantFrom('one', 'two', 'three', 'old x')
export const mode = fc.constantFrom(0o755, 0o644, 0o700, 0o600)
export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('create'), parent: pick, name, text: fc.option(text), mode }),
  fc.record({ kind: fc.constant('edit'), entry: pick, text }),
  fc.record({ kind: fc.constant('chmod'), entry: pick, mode }),
  fc.record({ kind: fc.constant('touch'), entry: pick, mtimeNs: fc.constantFrom('1', '2') }),
  fc.record({ kind: fc.constant('move'), entry: pick, parent: pick, name }),
  fc.record({ kind: fc.constant('delete'), entry: pick }),
)

/** The usual run is the same one each time; one that looks for more (`ORDER_RUNS`) takes another way each time. */
export function runs(usual: number): { numRuns: number; seed?: number } {
  const wanted = process.env['ORDER_RUNS']
  return wanted === undefined ? { numRuns: usual, seed: 8 } : { numRuns: Number(wanted) }
}
