import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Of } from '../../tests/support/tree.ts'
import { FOLDERS } from './tools/tool.ts'

/** What tools keep in a root for themselves. */
const OWN = new Set(['.causeway', '.stfolder', '.stversions'])

/**
 * Compares roots, every path and every byte. What was hashed once is not read
 * again while inode, size and time stand.
 */
export class RootComparer {
  #hashes = new Map<string, string>()

  /** The first differences, as lines; none if the two are the same. */
  async differences(one: string, other: string): Promise<readonly string[]> {
    const [a, b] = [await this.#listing(one), await this.#listing(other)]
    const paths = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path))
    return paths.slice(0, 5).map((path) => `${path}: ${a.get(path) ?? 'not on A'} / ${b.get(path) ?? 'not on B'}`)
  }

  async #listing(root: string): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const unread: string[] = [...FOLDERS]
    for (let directory = unread.pop(); directory !== undefined; directory = unread.pop()) {
      for (const entry of await readdir(join(root, directory), { withFileTypes: true })) {
        if (OWN.has(entry.name)) continue
        const path = join(directory, entry.name)
        if (entry.isDirectory()) {
          found.set(path, 'directory')
          unread.push(path)
        } else found.set(path, await this.#fileOf(join(root, path)))
      }
    }
    return found
  }

  async #fileOf(path: string): Promise<string> {
    const { dev, ino, size, mtimeNs } = await lstat(path, { bigint: true })
    const key = `${dev}:${ino}:${size}:${mtimeNs}`
    const hash = this.#hashes.get(key) ?? (await sha256Of(path))
    this.#hashes.set(key, hash)
    return `${size} bytes, ${hash.slice(0, 16)}`
  }
}
