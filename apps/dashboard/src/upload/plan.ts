import { FolderPathSchema, NameSchema } from '@causeway/protocol'

/** A file as a person gave it: alone, or with its path in the directory that was given. */
export interface GivenFile<F extends { readonly size: number } = File> {
  readonly file: F
  readonly path: string
}

export interface Given<F extends { readonly size: number } = File> {
  readonly files: readonly GivenFile<F>[]
  /** Directories with nothing in them: no file brings them along. */
  readonly emptyDirectories: readonly string[]
}

export interface UploadPlan<F extends { readonly size: number } = File> {
  readonly files: readonly GivenFile<F>[]
  readonly directories: readonly string[]
  /** What cannot be uploaded, and why. */
  readonly refused: readonly { readonly path: string; readonly why: string }[]
  readonly bytes: number
}

/** Where everything goes that is uploaded into a directory. What is given twice goes once: the last one wins. */
export function planUpload<F extends { readonly size: number }>(given: Given<F>, into: string): UploadPlan<F> {
  const files = new Map<string, GivenFile<F>>()
  const refused: { path: string; why: string }[] = []
  for (const { file, path } of given.files) {
    const target = join(into, path)
    const why = refusal(target)
    if (why === null) files.set(target, { file, path: target })
    else refused.push({ path: target, why })
  }
  const directories: string[] = []
  for (const path of given.emptyDirectories) {
    const target = join(into, path)
    const why = refusal(target)
    if (why === null) directories.push(target)
    else refused.push({ path: target, why })
  }
  const planned = [...files.values()]
  return { files: planned, directories, refused, bytes: planned.reduce((sum, { file }) => sum + file.size, 0) }
}

function refusal(path: string): string | null {
  const bad = path.split('/').find((name) => !NameSchema.safeParse(name).success)
  if (bad !== undefined) return bad === '' ? 'a name in it is empty' : `“${bad}” cannot be a name on every disk`
  return FolderPathSchema.safeParse(path).success ? null : 'the path is too long'
}

function join(into: string, path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '')
  return into === '' ? inner : `${into}/${inner}`
}
