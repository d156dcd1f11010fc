import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'

/** The user that a test becomes where it runs as root: what root may do shows nothing. */
export const ORDINARY = 65_534

/**
 * Runs a script of `openDiskFiles` (`files` in it) on a root as a user without
 * rights over others' files, and gives what it passes to `tell`. Everything
 * below the root is that user's, but for what `asRoot` does about it before;
 * `groups` are the groups that the user is in besides.
 */
export function asOrdinaryUser(
  root: string,
  script: string,
  { groups = [], asRoot = '' }: { readonly groups?: readonly number[]; readonly asRoot?: string } = {},
): unknown {
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    chmodSync(`${root}/..`, 0o755)
    execFileSync('chown', ['-Rh', `${ORDINARY}:${ORDINARY}`, root])
  }
  // Modules are loaded first: that user may have no way to them.
  const source = `
    import fs from 'node:fs'
    import { openDiskFiles } from ${JSON.stringify(new URL('../disk-files.ts', import.meta.url).href)}
    await import('koffi').catch(() => undefined)
    const root = process.argv[1]
    if (${isRoot}) {
      ${asRoot}
      process.setgroups(${JSON.stringify(groups)})
      process.setgid(${ORDINARY})
      process.setuid(${ORDINARY})
    }
    const told = []
    const tell = (value) => told.push(value)
    const files = await openDiskFiles({ root, folder: 'documents' })
    const staged = async (text, mode = 0o644) => {
      const file = await files.stageWhole(Buffer.from(text), { mode, mtimeNs: 1_700_000_000_123_456_789n })
      await files.syncStaged([file])
      return file
    }
    const modeOf = (path) => (fs.lstatSync(root + '/' + path).mode & 0o7777).toString(8)
    ${script}
    files.release()
    console.log(JSON.stringify(told))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', source, root], { encoding: 'utf8' })
  return JSON.parse(output)
}
