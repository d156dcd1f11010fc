export { makeDirectories } from './make-directories.ts'
export { ensurePrivateFile } from './private-file.ts'
export { readFileIfThere } from './read-file.ts'
export { replaceFile } from './replace-file.ts'
