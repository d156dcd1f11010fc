import { append, copyLarge, firstFile, firstVersion, insert, moveLarge, overwrite, replace } from './file-cases.ts'
import type { PeerCase } from './peer-case.ts'
import { deleteTree, firstTree, renameTree } from './tree-cases.ts'

/** In the order in which they are run: what removes many files comes late, as the disk is slow for a while after it. */
export const PEER_CASES: readonly PeerCase[] = [
  firstTree,
  firstFile,
  overwrite,
  insert,
  append,
  firstVersion,
  replace,
  renameTree,
  deleteTree,
  copyLarge,
  moveLarge,
]

/** Saves are timed one by one, so they are a case of their own kind, the last. */
export const SAVES = 'saves'
export const CASE_NAMES: readonly string[] = [
  ...PEER_CASES.filter(({ isSetup }) => isSetup !== true),
  { name: SAVES },
].map(({ name }) => name)

/** The chosen cases and all that they need, in order. */
export function withNeeds(chosen: readonly string[], cases: readonly PeerCase[] = PEER_CASES): readonly PeerCase[] {
  const wanted = new Set(chosen)
  for (const { name, needs } of cases.toReversed()) if (wanted.has(name)) for (const need of needs) wanted.add(need)
  return cases.filter(({ name }) => wanted.has(name))
}
