import { cp, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { completionOf } from '../../support/corpus.ts'
import { isThere } from '../data/npm-pack.ts'
import type { PeerCase } from './peer-case.ts'

const TREE = 'work/tree'
const RENAMED = 'work/renamed'

export const firstTree: PeerCase = {
  name: 'tree',
  title: 'first copy of the tree',
  needs: [],
  async prepare({ corpus, stage, rootA }) {
    const staged = join(stage, 'tree')
    await cp(corpus.tree, staged, { recursive: true, preserveTimestamps: true })
    const complete = await completionOf(corpus.tree)
    return {
      apply: () => rename(staged, join(rootA, TREE)),
      isComplete: (root) => complete(join(root, TREE)),
    }
  },
}

export const renameTree: PeerCase = {
  name: 'rename',
  title: "rename the tree's directory",
  needs: ['tree'],
  deletes: true,
  async prepare({ corpus, rootA }) {
    const complete = await completionOf(corpus.tree)
    return {
      apply: () => rename(join(rootA, TREE), join(rootA, RENAMED)),
      isComplete: async (root) => !(await isThere(join(root, TREE))) && (await complete(join(root, RENAMED))),
    }
  },
}

export const deleteTree: PeerCase = {
  name: 'delete',
  title: 'delete it (brake lifted)',
  // With the file beside it: a folder that is emptied altogether waits for a person whatever its settings.
  needs: ['tree', 'file'],
  deletes: true,
  async prepare({ stage, rootA }) {
    const path = (await isThere(join(rootA, RENAMED))) ? RENAMED : TREE
    await readdir(join(rootA, path))
    return {
      // Out of the root in one step, as into a trash can: the disk's own time for removing is nobody's merit.
      apply: () => rename(join(rootA, path), join(stage, 'deleted')),
      isComplete: async (root) => !(await isThere(join(root, path))),
    }
  },
}
