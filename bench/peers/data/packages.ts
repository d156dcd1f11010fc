/** Packages of small source files, in the order in which the tree takes from them until it is full. */
export const TREE_PACKAGES: readonly string[] = [
  'date-fns@3.6.0',
  'core-js@3.38.1',
  'es-abstract@1.23.3',
  'caniuse-lite@1.0.30001651',
  'rxjs@7.8.1',
]
/** Files and directories together, the tree's own not counted. */
export const TREE_ENTRIES = 13_383
/** Larger files are no small source files: they are left out. */
export const TREE_FILE_BYTES = 64 * 1024

/** Two releases, each as one uncompressed tar. */
export const TAR_PACKAGES: readonly [string, string] = ['typescript@5.8.3', 'typescript@5.9.2']
