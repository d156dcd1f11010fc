/** Compiles the chunker's AssemblyScript into `src/chunker/fastcdc-wasm.ts`: `node packages/engine/scripts/build-wasm.ts`. */
import { readFile, writeFile } from 'node:fs/promises'
import { main } from 'assemblyscript/asc'

const SOURCE = new URL('../src/chunker/assembly/fastcdc.ts', import.meta.url)
const TARGET = new URL('../src/chunker/fastcdc-wasm.ts', import.meta.url)

/** A fresh compile of the source, as base64. The same compiler gives the same bytes. */
export async function compileFastCdc(): Promise<string> {
  const source = await readFile(SOURCE, 'utf8')
  let wasm: Uint8Array | undefined
  const { error, stderr } = await main(
    ['fastcdc.ts', '--outFile', 'fastcdc.wasm', '-O3', '--runtime', 'stub', '--noAssert', '--initialMemory', '1'],
    {
      readFile: (name) => (name === 'fastcdc.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'fastcdc.wasm' && typeof contents !== 'string') wasm = contents
      },
      listFiles: () => [],
    },
  )
  if (error !== null || wasm === undefined) {
    throw new Error(`could not compile ${SOURCE.pathname}:\n${stderr.toString()}`, { cause: error })
  }
  return Buffer.from(wasm).toString('base64')
}

function moduleText(base64: string): string {
  const lines = base64.match(/.{1,100}/g) ?? []
  const text = lines.map((line) => `  '${line}'`).join(' +\n')
  return [
    '/** `assembly/fastcdc.ts`, compiled by `packages/engine/scripts/build-wasm.ts`: do not edit. */',
    `export const FASTCDC_WASM_BASE64: string =\n${text}\n`,
  ].join('\n')
}

if (import.meta.main) await writeFile(TARGET, moduleText(await compileFastCdc()))
