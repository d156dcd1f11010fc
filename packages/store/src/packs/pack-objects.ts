/**
 * Where packs are kept as whole objects, each written once: what an object store
 * can do, and a directory as well.
 *
 * Contract, held by `packObjectsConformance`:
 * - When `save` resolves, the object survives kill and power loss. Nobody ever sees a part of
 *   one. Saving the same bytes under the same name again is no error; other bytes are refused with
 *   `already-exists`, and change nothing.
 * - `read` throws `chunk-missing` where there is no such object, and `chunk-corrupt` where it ends before the range does.
 * - What was saved is read, sized and listed by every process from then on.
 * - A `save` or `remove` that failed may still happen later: callers never use a name for something else.
 */
export interface PackObjects {
  save(pack: string, bytes: Uint8Array): Promise<void>
  read(pack: string, range: ByteRange): Promise<Uint8Array>
  /** Null where there is no such object. */
  size(pack: string): Promise<number | null>
  list(): Promise<readonly { readonly pack: string; readonly bytes: number }[]>
  /** What is gone already is no error. */
  remove(packs: readonly string[]): Promise<void>
}

export interface ByteRange {
  readonly offset: number
  readonly length: number
}
