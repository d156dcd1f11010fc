import { Random } from '../../../tests/support/random.ts'
import type { TarFile } from './read-tar.ts'

const WORDS =
  'const export function return import from default value index array string number object type interface readonly length map filter reduce undefined null true false if else for while switch case break throw new class extends this async await'.split(
    ' ',
  )

/** Text that looks and compresses like source: for quick runs, and where no packages can be had. */
export function* generatedFiles(seed: number): Generator<TarFile> {
  const random = new Random(seed)
  for (let i = 0; ; i++) {
    const group = Math.floor(i / 27)
    // Some need no directory: a tree of any number of entries can be cut from the list.
    const directory = i % 27 === 0 ? '' : `part-${Math.floor(i / 405)}/${random.pick(WORDS.slice(0, 3))}-${group}/`
    yield { path: `${directory}${random.pick(WORDS)}-${i}.ts`, bytes: Buffer.from(sourceText(random, 1600)) }
  }
}

/** Two versions of one large text: most lines are the same, some are changed, added or gone. */
export function generatedVersions(sizeBytes: number): readonly [Buffer, Buffer] {
  const random = new Random(11)
  const lines: string[] = []
  for (let size = 0; size < sizeBytes;) {
    const line = sourceLine(random)
    lines.push(line)
    size += line.length + 1
  }
  const next = lines.flatMap((line) => {
    const roll = random.below(1000)
    if (roll < 8) return []
    if (roll < 16) return [line, sourceLine(random)]
    return roll < 24 ? [sourceLine(random)] : [line]
  })
  return [Buffer.from(lines.join('\n')), Buffer.from(next.join('\n'))]
}

function sourceText(random: Random, aboutBytes: number): string {
  let text = ''
  const bytes = 200 + random.below(2 * aboutBytes - 400)
  while (text.length < bytes) text += `${sourceLine(random)}\n`
  return text
}

function sourceLine(random: Random): string {
  const words = Array.from({ length: 3 + random.below(9) }, () => random.pick(WORDS))
  return `${'  '.repeat(random.below(4))}${words.join(' ')} ${random.below(10_000)}`
}
