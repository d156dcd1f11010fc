export * from './files.ts'
export type * from './watcher.ts'
export type * from './replica-state.ts'
