export { makeDirectories } from './make-directories.ts'
export { replaceFile } from './replace-file.ts'
