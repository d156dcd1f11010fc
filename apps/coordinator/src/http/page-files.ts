import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A built page by the paths of its addresses (`/assets/…`). */
export type PageFiles = ReadonlyMap<string, Buffer>

const MISSING = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Causeway</title>
<style nonce="STYLE_NONCE">body { font: 16px system-ui; max-width: 40em; margin: 3em auto; padding: 0 1em }</style>
<h1>The dashboard is not built yet</h1>
<p>The coordinator runs, and its REST interface is at <a href="/docs">/docs</a>.
To build the dashboard, run <code>npm run setup</code> in the directory of Causeway and start the coordinator again.</p>`

/** All files of a built page; where it was never built, one page that says how. */
export function readPageFiles(directory: string): PageFiles {
  if (!existsSync(join(directory, 'index.html'))) return new Map([['/missing.html', Buffer.from(MISSING)]])
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => {
    return entry.isFile() && !entry.name.startsWith('.')
  })
  return new Map(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(directory.length).replaceAll('\\', '/').replace(/^\/*/, '/'), readFileSync(path)]
    }),
  )
}
