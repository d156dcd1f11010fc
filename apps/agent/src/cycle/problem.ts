import type { RelativePath } from '@causeway/replica'

/** One path that could not be done; the rest went on. */
export interface Problem {
  readonly path: RelativePath
  readonly code: string
  readonly message: string
}
