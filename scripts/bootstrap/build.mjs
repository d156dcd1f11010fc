import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the dashboard is made of. */
const SOURCES = [
  'apps/dashboard/src',
  'apps/dashboard/public',
  'apps/dashboard/index.html',
  'apps/dashboard/vite.config.ts',
  'packages/client/src',
  'packages/engine/src',
  'packages/protocol/src',
  'package-lock.json',
]

/**
 * Makes sure that the dashboard's built files are those of its sources: about a second where they are not, next to
 * nothing where they are. Throws an `Error` whose message is for a person.
 *
 * @param {string} root the repository
 * @param {string} node a Node that is new enough
 */
export function ensureBuilt(root, node) {
  const stamp = join(root, 'apps/dashboard/dist/.built')
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const built = spawnSync(node, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'apps/dashboard'),
    encoding: 'utf8',
  })
  if (built.status !== 0) {
    throw new Error(`The dashboard could not be built:\n${built.stdout ?? ''}${built.stderr ?? ''}${built.error ?? ''}`)
  }
  writeFileSync(stamp, wanted)
}

/** Names, sizes and times of all sources: reading them all would take longer than building. */
function fingerprint(root) {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const path = join(root, source)
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : [{ parentPath: '', name: path }]
    for (const { parentPath, name } of files.sort((a, b) =>
      join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
    )) {
      const file = join(parentPath, name)
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}
