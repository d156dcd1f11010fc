export type * from './metadata-store.ts'
export type * from './pack-store.ts'
