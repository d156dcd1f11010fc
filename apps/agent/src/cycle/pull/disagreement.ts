import type { RelativePath } from '@causeway/replica'
import type { Problem } from '../problem.ts'

/** That node and coordinator did not believe the same of a folder, and what came of it. */
export interface Disagreement {
  readonly entries: number
  /** One of them; '' where none could be named. */
  readonly example: RelativePath
  readonly foundAt: string
  /** How often it was read again by now. */
  readonly rounds: number
  /** Why it could not be read again. */
  readonly failure: string | null
  /** When both were shown to agree again. */
  readonly settledAt: string | null
}

/** What it was about: "3 entries, such as docs/a.txt". */
export function subjectOf({ entries, example }: Pick<Disagreement, 'entries' | 'example'>): string {
  const what = entries === 0 ? 'what it holds' : entries === 1 ? 'one entry' : `${entries} entries`
  if (example === '') return what
  return entries === 1 ? `one entry, ${example}` : `${what}, such as ${example}`
}

/** How a disagreement is shown among a folder's problems, until it is over. */
export function disagreementProblem(disagreement: Disagreement): Problem {
  const { example, rounds, failure } = disagreement
  const found = `This folder and the coordinator disagreed about ${subjectOf(disagreement)}.`
  const done =
    failure !== null
      ? `It could not be read again: ${failure}. It will be tried again automatically.`
      : rounds > 2
        ? `It was read again ${rounds} times and still differs; it is tried again automatically, less and less often. The coordinator's log names the entries.`
        : 'It is read again from the coordinator, and the disk is looked through; nothing is deleted for it.'
  return { path: example, code: 'disagreement', message: `${found} ${done}` }
}
