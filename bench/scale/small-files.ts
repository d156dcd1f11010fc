import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const PER_DIRECTORY = 100

/** Makes `files` small files, each unlike all others, a hundred in a directory. */
export async function fillWithSmallFiles(dir: string, files: number): Promise<void> {
  for (let made = 0; made < files;) {
    const directory = join(dir, `group-${Math.floor(made / 10_000)}`, `directory-${Math.floor(made / PER_DIRECTORY)}`)
    await mkdir(directory, { recursive: true })
    const names = Array.from({ length: Math.min(PER_DIRECTORY, files - made) }, (_, index) => made + index)
    await Promise.all(
      names.map((number) => writeFile(join(directory, `file-${number}.txt`), `the content of ${number}\n`)),
    )
    made += names.length
  }
}
