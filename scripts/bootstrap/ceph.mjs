import { spawnSync } from 'node:child_process'

const PROGRAMS = ['monmaptool', 'ceph-mon', 'ceph-osd', 'ceph', 'radosgw', 'radosgw-admin']
const PACKAGES = ['ceph-mon', 'ceph-osd', 'radosgw']

/**
 * Sees to it that Ceph's programs, of which an S3 store is made for the tests, can be run; installs them with the system's
 * package manager where they are missing and it may. Throws an `Error` whose message is for a person.
 */
export function ensureCeph() {
  if (hasCeph()) return
  installWithApt()
  if (hasCeph()) return
  throw new Error(
    "The tests on a real S3 store need Ceph's object gateway, and it was not found. Install it, then run the command again:\n" +
      `  Debian, Ubuntu: sudo apt-get install --no-install-recommends ${PACKAGES.join(' ')}`,
  )
}

function hasCeph() {
  return PROGRAMS.every((program) => works('sh', ['-c', `command -v ${program}`]))
}

function installWithApt() {
  const isRoot = process.getuid?.() === 0
  if (process.platform !== 'linux' || !works('apt-get', ['--version'])) return
  if (!isRoot && !works('sudo', ['-n', 'true'])) return
  console.error("Installing Ceph's object gateway for the tests on a real S3 store (once; about 75 MB) …")
  const install = ['install', '-y', '--no-install-recommends', ...PACKAGES]
  // A fresh machine has no package lists yet.
  if (!apt(install) && apt(['update'])) apt(install)

  function apt(args) {
    const quietly = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120', ...args]
    const [program, ...rest] = isRoot ? ['env', ...quietly] : ['sudo', '-n', 'env', ...quietly]
    // Standard output is for results.
    return spawnSync(program, rest, { stdio: ['ignore', 2, 2] }).status === 0
  }
}

function works(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
