/**
 * Where packs lie as whole objects, each written once: what an object store
 * can do, and a directory as well.
 *
 * Contract, held by `packObjectsConformance`:
 * - When `save` resolves, the object survives kill and power loss. Nobody ever sees a part of
 *   one. Saving the same bytes under the same name again is no error; a name never gets others.
 * - `read` throws `chunk-missing` where there is no such object, and `chunk-corrupt` where it ends before the range does.
 */
export interface PackObjects {
  save(pack: string, bytes: Uint8Array): Promise<void>
  read(pack: string, range: { readonly offset: number; readonly length: number }): Promise<Uint8Array>
  list(): Promise<readonly { readonly pack: string; readonly bytes: number }[]>
  /** What is gone already is no error. */
  remove(packs: readonly string[]): Promise<void>
}
