import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { shellWord } from '@causeway/protocol'

/** The files of one state directory. */
export interface StateLocations {
  readonly root: string
  readonly node: string
  readonly key: string
  readonly lock: string
  readonly folders: string
  /** Socket of the running node: a path, or a pipe's name on Windows. */
  readonly control: string
}

/**
 * Where a node keeps what it knows: `--state`, else `CAUSEWAY_STATE`, else
 * `$XDG_STATE_HOME/causeway` where that variable is set, else `~/.causeway`.
 */
export function stateRoot(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = given ?? env['CAUSEWAY_STATE']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  const xdg = env['XDG_STATE_HOME']
  return xdg === undefined || xdg === '' ? join(homedir(), '.causeway') : join(xdg, 'causeway')
}

/** What a command needs to reach the node of a state directory: nothing where it would look there by itself. Begins with a space. */
export function stateOption(root: string, env: NodeJS.ProcessEnv): string {
  return root === stateRoot(undefined, env) ? '' : ` --state ${shellWord(root)}`
}

export function stateLocations(root: string): StateLocations {
  return {
    root,
    node: join(root, 'node.json'),
    key: join(root, 'node.key'),
    lock: join(root, 'lock.json'),
    folders: join(root, 'folders'),
    control: controlAddress(root),
  }
}

/** The longest socket path that every system takes (macOS: 104 bytes with the closing zero). */
const SOCKET_PATH_BYTES = 100

function controlAddress(root: string): string {
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\causeway-${digest}`
  const inside = join(root, 'control.sock')
  return Buffer.byteLength(inside) <= SOCKET_PATH_BYTES ? inside : join(tmpdir(), `causeway-${digest}.sock`)
}
