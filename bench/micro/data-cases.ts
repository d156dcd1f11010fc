import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import {
  applyCopies,
  chunkLengths,
  copiesAgainst,
  createChunker,
  signatureBlockBytes,
  signBlocks,
} from '@causeway/engine'
import { openDelta, packChunk, packDelta } from '@causeway/packing'
import { ChunkIdSchema } from '@causeway/protocol'
import { Random } from '../../tests/support/random.ts'
import { generatedVersions } from '../peers/data/generated.ts'
import type { MicroCase } from './micro-case.ts'

const MIB = 2 ** 20
const LEVEL_3 = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

/** What is done with bytes: cut, named, packed, told as differences. */
export async function dataCases(quick: boolean): Promise<readonly MicroCase[]> {
  const bytes = new Random(1).bytes((quick ? 2 : 16) * MIB)
  const target = Buffer.alloc(bytes.length)
  const memcpy = { yardstick: 'memcpy', plain: () => bytes.copy(target) }
  const chunker = createChunker()
  const lengths = chunkLengths(bytes)
  const [before, after] = generatedVersions(quick ? 256 * 1024 : MIB)
  const source = before.subarray(0, Math.min(before.length, 256 * 1024))
  const blockBytes = signatureBlockBytes(before.length)
  const signature = signBlocks(before, blockBytes)
  const instructions = copiesAgainst(signature, blockBytes, before.length, after)
  const delta = await packDelta(before, after)
  const name = ChunkIdSchema.parse(hash('sha256', source))
  return [
    sized('chunker', 'cut random bytes', bytes.length, {
      ...memcpy,
      run() {
        chunker.push(bytes)
        chunker.finish()
      },
    }),
    sized('hasher', `name each of ${lengths.length} chunks`, bytes.length, {
      yardstick: 'crypto.hash of the whole',
      plain: () => hash('sha256', bytes),
      run() {
        let at = 0
        for (const length of lengths) hash('sha256', bytes.subarray(at, (at += length)), 'hex')
      },
    }),
    sized('packer', 'pack a chunk of text', source.length, {
      yardstick: 'zstd, level 3',
      plain: () => zstdCompressSync(source, LEVEL_3),
      run: () => packChunk({ hash: name, bytes: source }),
    }),
    sized('packer', 'find that random bytes do not pack', source.length, {
      yardstick: 'zstd, level 3',
      plain: () => zstdCompressSync(bytes.subarray(0, source.length), LEVEL_3),
      run: () => packChunk({ hash: name, bytes: bytes.subarray(0, source.length) }),
    }),
    sized('delta', `sign blocks of ${blockBytes} bytes`, before.length, {
      yardstick: 'crypto.hash of the whole',
      plain: () => hash('sha256', before),
      run: () => signBlocks(before, blockBytes),
    }),
    sized('delta', `find copies (${instructions.length} of ${after.length} bytes left)`, after.length, {
      yardstick: 'crypto.hash of the whole',
      plain: () => hash('sha256', after),
      run: () => copiesAgainst(signature, blockBytes, before.length, after),
    }),
    sized('delta', 'apply copies', after.length, {
      yardstick: 'memcpy',
      plain: () => after.copy(target),
      run: () => applyCopies(before, instructions, after.length),
    }),
    sized('delta', `pack with a dictionary (${delta.length} of ${after.length} bytes left)`, after.length, {
      yardstick: 'zstd, level 3, without one',
      plain: () => zstdCompressSync(after, LEVEL_3),
      run: () => packDelta(before, after),
    }),
    sized('delta', 'open with a dictionary', after.length, {
      yardstick: 'memcpy',
      plain: () => after.copy(target),
      run: () => openDelta({ encoding: 'dictionary', bytes: delta }, before, after.length),
    }),
  ]
}

function sized(
  part: string,
  work: string,
  amount: number,
  rest: Pick<MicroCase, 'run' | 'plain' | 'yardstick'>,
): MicroCase {
  return { part, work, amount, unit: 'bytes', ...rest }
}
