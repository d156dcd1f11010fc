import type { RelativePath } from '../files.ts'
import { errnoOf, isAbsence } from './disk-error.ts'

/** The directories that can't be watched, and why. */
export class WatchGaps {
  /** To be hinted at an interval instead. */
  readonly unwatched = new Set<RelativePath>()
  /** Not to be read at all, which the scan will say. Their parents tell when their mode changes. */
  readonly denied = new Set<RelativePath>()
  readonly #onProblem: (problem: string | undefined) => void
  #problem: string | undefined
  #reported: string | undefined

  constructor(onProblem: (problem: string | undefined) => void) {
    this.#onProblem = onProblem
  }

  get areNone(): boolean {
    return this.unwatched.size + this.denied.size === 0
  }

  /** The tree is walked again: what can't be watched then is found again. */
  clear(): void {
    this.unwatched.clear()
    this.denied.clear()
  }

  refused(path: RelativePath, error: unknown): void {
    if (isAbsence(error)) return
    const errno = errnoOf(error)
    if (errno === 'EACCES' || errno === 'EPERM') {
      this.denied.add(path)
      return
    }
    const reason = LIMITS[errno ?? ''] ?? `the system refuses to watch directories (${errno ?? String(error)})`
    this.#add(path, this.#problem ?? reason)
  }

  failed(path: RelativePath, root: string): void {
    this.#add(path, this.#problem ?? `a watch on ${path === '' ? root : path} failed`)
  }

  rootIsGone(root: string): void {
    this.#add('', `the root ${root} is not there`)
  }

  /** Whatever is wrong is to be said anew. */
  forgetProblem(): void {
    this.#problem = undefined
  }

  report(): void {
    if (this.unwatched.size === 0) this.#problem = undefined
    if (this.#problem === this.#reported) return
    this.#reported = this.#problem
    this.#onProblem(this.#problem)
  }

  #add(path: RelativePath, problem: string): void {
    this.unwatched.add(path)
    this.#problem = problem
  }
}

const LIMITS: Readonly<Record<string, string>> = {
  ENOSPC: 'the limit of watched directories is reached (fs.inotify.max_user_watches): changes are found by scanning',
  EMFILE:
    'the limit of watchers or open files is reached (fs.inotify.max_user_instances): changes are found by scanning',
}
