import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './install.mjs'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs what is missing, then runs a script of the repository on a Node that can: in this process where it is one,
 * else in a child whose output, signals and exit code are passed on.
 *
 * @param {string} script a path from the repository's root
 * @param {string[]} args
 */
export async function runOnNewNode(script, args) {
  try {
    const node = ensureInstalled(ROOT)
    ensureBuilt(ROOT, node)
    if (node === process.execPath) {
      process.argv = [process.argv[0], join(ROOT, script), ...args]
      await import(new URL(`../../${script}`, import.meta.url).href)
    } else {
      runChild(node, [join(ROOT, script), ...args])
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

function runChild(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' })
  // Ctrl-C reaches the child from the terminal as well; it takes a repeated signal for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.once('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
