import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNode, OLDEST_NODE } from './find-node.mjs'

const LOCK_STALE_MS = 15 * 60_000

/**
 * Makes sure that the dependencies are those of package-lock.json, and returns
 * a Node that can run the sources. Does next to nothing where all is in place;
 * two that run at the same time take turns. Throws an `Error` whose message
 * is for a person.
 *
 * @param {string} root the repository
 * @returns {string}
 */
export function ensureInstalled(root) {
  const known = isInstalled(root) ? findNode(root) : undefined
  if (known !== undefined) return known
  return takingTurns(root, () => {
    if (!isInstalled(root)) installDependencies(root)
    const node = findNode(root) ?? installNode(root)
    markInstalled(root)
    return node
  })
}

/** Notes for which lock file, system and processor the dependencies, the development ones too, were installed. */
export function markInstalled(root) {
  if (existsSync(join(root, 'node_modules/vitest'))) writeFileSync(stampPath(root), fingerprint(root))
}

function isInstalled(root) {
  return existsSync(stampPath(root)) && readFileSync(stampPath(root), 'utf8') === fingerprint(root)
}

function stampPath(root) {
  return join(root, 'node_modules/.causeway-installed')
}

function fingerprint(root) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return `${hash} ${process.platform}-${process.arch}\n`
}

/**
 * `npm install`, not `npm ci`: it keeps what is there already, and it still
 * takes every version from the lock file, which `--no-save` leaves alone.
 */
function installDependencies(root) {
  console.error('Installing the dependencies (once; about a minute on a slow connection) …')
  const status = npm(root, ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (status === 0) return
  throw new Error(`npm install failed in ${root}; its own messages are above. Is the package registry reachable?`)
}

/**
 * Node comes as a dependency whose install script fetches the binary. npm may
 * be set up (or become) to run no such scripts; then this runs that one.
 */
function installNode(root) {
  const folder = join(root, 'node_modules/node')
  if (existsSync(join(folder, 'installArchSpecificPackage.js'))) {
    console.error('Fetching Node …')
    spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: folder,
      stdio: 'inherit',
      env: withoutNpmSettings(),
    })
  }
  const node = findNode(root)
  if (node !== undefined) return node
  throw new Error(
    `Causeway runs on Node ${OLDEST_NODE.join('.')} or newer; this is ${process.version} (${process.platform}-${process.arch}), ` +
      'and npm could not fetch a newer one. Install Node 24 from https://nodejs.org, then run the command again.',
  )
}

/** npm hands its settings down as variables (`--prefix` among them), which would steer an npm started here. */
function withoutNpmSettings() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(local_)?prefix|config_ignore_scripts|command|lifecycle)/i.test(name),
    ),
  )
}

function npm(root, args) {
  // npm tells its scripts where it is itself; on the PATH it may be another, or a .cmd file that can't be spawned.
  const own = process.env['npm_execpath']
  const isNpm = own !== undefined && /npm-cli\.c?js$/.test(own)
  const options = { cwd: root, stdio: ['inherit', 2, 2], env: withoutNpmSettings() }
  const run = isNpm
    ? spawnSync(process.execPath, [own, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (run.error !== undefined) throw new Error(`npm could not be started: ${run.error.message}`)
  return run.status
}

/** Holds a lock directory while `work` runs; one left by a process that was killed is taken over. */
function takingTurns(root, work) {
  const lock = join(root, '.install.lock')
  let told = false
  while (!tryLock(lock)) {
    if (!told) console.error('Waiting for another install in this directory …')
    told = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250)
  }
  try {
    return work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock)
    writeFileSync(join(lock, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function isAbandoned(lock) {
  try {
    const age = Date.now() - statSync(lock).mtimeMs
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'))
    return age > LOCK_STALE_MS || !isRunning(pid)
  } catch {
    // Just made (its pid not written yet) or just removed: look again.
    return false
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
