import type { ChunkRun } from '@causeway/protocol'

/**
 * As few runs as are wanted, without changing what they cover: first
 * neighbours that go on from each other, then neighbours of one source, at
 * last whatever lies side by side, as `mixed` where the sources differ.
 */
export function drawnTogether(runs: readonly ChunkRun[], most: number): ChunkRun[] {
  if (runs.length <= most) return [...runs]
  const joined = join(runs, (a, b) => a.source === b.source && goesOn(a, b))
  if (joined.length <= most) return joined
  const alike = join(joined, (a, b) => a.source === b.source)
  if (alike.length <= most) return alike
  const last = alike.at(-1)
  const stretch = last === undefined ? 1 : (last.offset + last.size) / most
  const slot = ({ offset }: ChunkRun) => Math.floor(offset / stretch)
  return join(alike, (a, b) => slot(a) === slot(b))
}

function join(runs: readonly ChunkRun[], belong: (a: ChunkRun, b: ChunkRun) => boolean): ChunkRun[] {
  const joined: ChunkRun[] = []
  let last: ChunkRun | undefined
  for (const run of runs) {
    if (last !== undefined && belong(last, run)) last = both(last, run)
    else {
      if (last !== undefined) joined.push(last)
      last = run
    }
  }
  if (last !== undefined) joined.push(last)
  return joined
}

function both(a: ChunkRun, b: ChunkRun): ChunkRun {
  const isOne = a.source === b.source
  return {
    offset: a.offset,
    size: a.size + b.size,
    chunks: a.chunks + b.chunks,
    source: isOne ? a.source : 'mixed',
    from: isOne && goesOn(a, b) ? a.from : null,
  }
}

/** True if the second begins, in the content before, where the first ends; or neither stands for anything there. */
function goesOn(a: ChunkRun, b: ChunkRun): boolean {
  if (a.from === null || b.from === null) return a.from === b.from
  // Chunks of one edited stretch share the place they stand for.
  return b.from === a.from + a.size || (a.source === 'edited' && b.from === a.from)
}
