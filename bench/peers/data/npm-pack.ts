import { access, mkdir, rename, rm, writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { runToEnd } from '../../support/spawned.ts'

/**
 * The uncompressed tar of a package's published version, kept in `cache` once
 * it was fetched. Undefined where it is not there and cannot be had.
 */
export async function packageTar(cache: string, spec: string): Promise<string | undefined> {
  const path = join(cache, `${spec.replaceAll('/', '-')}.tar`)
  if (await isThere(path)) return path
  const draft = `${path}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  try {
    const command = ['npm', 'pack', spec, '--silent', '--pack-destination', draft]
    const printed = await runToEnd(`npm pack ${spec}`, command, { cwd: draft, timeoutMs: 120_000 })
    const file = printed.trim().split('\n').at(-1) ?? ''
    const tar = join(draft, 'package.tar')
    await writeFile(tar, gunzipSync(await readFile(join(draft, file))))
    await rename(tar, path)
    return path
  } catch {
    return undefined
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
