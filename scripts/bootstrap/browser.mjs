import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
/** What the executables in Playwright's own cache are called. */
const CACHED_PROGRAMS = new Set(['chrome', 'chrome-headless-shell', 'headless_shell', 'Chromium'])
const CACHES = ['.cache/ms-playwright', 'Library/Caches/ms-playwright']

/**
 * The path of a Chromium that the browser tests can drive; installs one with the system's package manager where there
 * is none and it may. Throws an `Error` whose message is for a person.
 *
 * @returns {string}
 */
export function ensureBrowser() {
  const known = findBrowser()
  if (known !== undefined) return known
  if (process.env['CAUSEWAY_CHROMIUM']) {
    throw new Error(`CAUSEWAY_CHROMIUM is ${process.env['CAUSEWAY_CHROMIUM']}, which does not run as a Chromium.`)
  }
  const installed = installWithApt() ? findBrowser() : undefined
  if (installed !== undefined) return installed
  throw new Error(
    'The browser tests need Chromium or Chrome, and none was found. Do one of these, then run the command again:\n' +
      '  - install it with the package manager of your system (Debian: sudo apt-get install chromium)\n' +
      '  - npx playwright-core install --with-deps chromium\n' +
      '  - set CAUSEWAY_CHROMIUM to the path of one that is installed',
  )
}

/**
 * The first that runs of: the one named by CAUSEWAY_CHROMIUM (and no other, if it is set), those on the PATH, those in
 * the usual places, and those in Playwright's cache.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  const named = process.env['CAUSEWAY_CHROMIUM']
  const candidates = named ? [named] : [...onThePath(), ...USUAL_PLACES, ...cached()]
  return candidates.find((path) => existsSync(path) && runs(path))
}

function onThePath() {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  return PROGRAMS.flatMap((program) => directories.map((directory) => join(directory, program)))
}

/** The newest first. */
function cached() {
  const roots = [process.env['PLAYWRIGHT_BROWSERS_PATH'], ...CACHES.map((cache) => join(homedir(), cache))]
  return roots
    .filter((root) => root !== undefined && existsSync(root))
    .flatMap((root) => readdirSync(root, { withFileTypes: true }).map(({ name }) => join(root, name)))
    .filter((directory) => /chromium/.test(directory))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .flatMap((directory) => readdirSync(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && CACHED_PROGRAMS.has(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
}

/** Ubuntu puts a script in Chromium's place that only tells how to get it: being there is not enough. */
function runs(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 })
  return status === 0 && /chrom/i.test(stdout)
}

/** True if apt-get says that it worked. */
function installWithApt() {
  const isRoot = process.getuid?.() === 0
  if (process.platform !== 'linux' || !works('apt-get', ['--version'])) return false
  if (!isRoot && !works('sudo', ['-n', 'true'])) return false
  console.error('Installing Chromium for the browser tests (once; about 125 MB) …')
  const install = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']
  // A fresh machine has no package lists yet.
  return apt(install) || (apt(['update']) && apt(install))

  function apt(args) {
    const quietly = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    const [program, ...rest] = isRoot ? ['env', ...quietly] : ['sudo', '-n', 'env', ...quietly]
    // Standard output is for results.
    return spawnSync(program, rest, { stdio: ['ignore', 2, 2] }).status === 0
  }
}

function works(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
