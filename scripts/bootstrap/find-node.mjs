import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The oldest Node that runs the TypeScript sources as they are. */
export const OLDEST_NODE = [24, 12]

/**
 * The path of a Node that is new enough: this process's own, the one among the
 * dependencies, or the first on the PATH; `undefined` if none is.
 *
 * @param {string} root the repository
 * @returns {string | undefined}
 */
export function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const installed = process.platform === 'win32' ? 'node.exe' : 'node'
  const candidates = [join(root, 'node_modules/node/bin', installed), join(root, 'node_modules/.bin/node')]
  return [...candidates.filter((path) => existsSync(path)), 'node'].find((path) => isNewEnough(versionOf(path)))
}

/** @param {string} version `24.12.0`, or anything else for "no" */
export function isNewEnough(version) {
  const [major = NaN, minor = NaN] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** @param {string} path */
function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return stdout?.trim().replace(/^v/, '') ?? ''
}
