/**
 * `npm run lock`: adds to package-lock.json the binaries for other systems that npm left out.
 *
 * npm drops an optional dependency from the lock file where the registry (a mirror, often) does not carry it;
 * `npm ci` then refuses the lock file on every machine. Which packages these are and in which version is written
 * in the packages that want them, so the lock file can be completed from itself. `--check` changes nothing and
 * exits with 1 if something is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './bootstrap/run.mjs'

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64', 'arm']

const path = join(ROOT, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const missing = missingFrom(lock.packages)

if (missing.length === 0) {
  console.log('package-lock.json names the binaries of every system.')
} else if (process.argv.includes('--check')) {
  console.error(`package-lock.json is missing ${missing.length} packages (${missing[0][0]}, …). Run: npm run lock`)
  process.exit(1)
} else {
  const all = [...Object.entries(lock.packages), ...missing]
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')))
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`Added ${missing.length} packages to package-lock.json.`)
}

/** @returns {[string, object][]} entries to add, by their path under node_modules */
function missingFrom(packages) {
  const found = new Map()
  for (const [at, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const places = [`node_modules/${name}`, `${at}/node_modules/${name}`]
      // Ranges are left to npm: only exact versions can be written down unseen.
      if (places.some((place) => place in packages) || !/^\d+\.\d+\.\d+/.test(version)) continue
      found.set(places[0], { version, ...platform(name), ...(dev && { dev }), optional: true })
    }
  }
  return [...found]
}

/** Such packages are named after what they run on: `@scope/binding-linux-arm64-musl`. */
function platform(name) {
  const parts = name.slice(name.indexOf('/') + 1).split('-')
  const cpu = PROCESSORS.filter((processor) => parts.includes(processor))
  const os = SYSTEMS.filter((system) => parts.includes(system))
  const libc = [...(parts.includes('musl') ? ['musl'] : []), ...(parts.includes('gnu') ? ['glibc'] : [])]
  return { ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }), ...(os.length > 0 && { os }) }
}
