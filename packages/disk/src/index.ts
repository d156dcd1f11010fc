export { makeDirectories } from './make-directories.ts'
export { ensurePrivateFile } from './private-file.ts'
export { replaceFile } from './replace-file.ts'
