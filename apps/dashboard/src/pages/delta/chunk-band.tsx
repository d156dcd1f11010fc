import type { ChunkMap, ChunkSource } from '@causeway/protocol'
import { useEffect, useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { Text } from '@mantine/core'
import { describeRun, layPieces, rowsFor, runAt, SOURCE_WORDS } from './chunk-model.ts'
import { useWidth } from '../../parts/use-width.ts'
import { isolated } from '../../parts/isolated.ts'
import look from './delta.module.css'

const ROW = 26
const BAR = 20
const SOURCES: readonly ChunkSource[] = ['reused', 'moved', 'edited', 'new', 'repeated', 'mixed']

/** The content as rows of chunks, coloured and patterned by where each comes from. */
export function ChunkBand({ map }: { readonly map: ChunkMap }) {
  const { box, width } = useWidth(0)
  const [focused, setFocused] = useState<number | null>(null)
  const rows = rowsFor(map.chunks)
  const pieces = useMemo(() => layPieces(map.runs, map.sizeBytes, rows), [map, rows])
  const run = focused === null ? undefined : map.runs[focused]

  useEffect(() => setFocused(null), [map])

  function point({ nativeEvent: { offsetX, offsetY } }: PointerEvent): void {
    const row = Math.max(0, Math.min(rows - 1, Math.floor(offsetY / ROW)))
    setFocused(runAt(map.runs, ((row + Math.max(0, offsetX / width)) / rows) * map.sizeBytes))
  }

  function key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined) return
    event.preventDefault()
    setFocused((at) => Math.max(0, Math.min(map.runs.length - 1, (at ?? (step > 0 ? -1 : 0)) + step)))
  }

  const used = new Set(map.runs.map(({ source }) => source))
  return (
    <>
      <div ref={box}>
        <svg
          className={look.band}
          width={width}
          height={rows * ROW}
          role="img"
          aria-label={`Chunk map of ${isolated(map.path)}. Arrow keys go from chunk to chunk.`}
          aria-describedby="chunk-focused"
          tabIndex={0}
          onPointerMove={point}
          onPointerDown={point}
          onKeyDown={key}
          onFocus={() => setFocused((at) => at ?? 0)}
        >
          <Patterns />
          {pieces.map((piece) => (
            <rect
              key={`${piece.run} ${piece.row}`}
              x={piece.left * width}
              y={piece.row * ROW + 2}
              // A hair's breadth between chunks, but never so much that a thin one is gone.
              width={Math.max(0.6, piece.width * width - (piece.width * width > 3 ? 1 : 0))}
              height={BAR}
              fill={`url(#chunk-${map.runs[piece.run]?.source})`}
            />
          ))}
          {pieces
            .filter((piece) => piece.run === focused)
            .map((piece) => (
              <rect
                key={piece.row}
                x={piece.left * width}
                y={piece.row * ROW + 1}
                width={Math.max(3, piece.width * width)}
                height={BAR + 2}
                fill="none"
                stroke="currentColor"
                strokeWidth={2}
              />
            ))}
        </svg>
      </div>
      <Text size="sm" id="chunk-focused" aria-live="polite" mih={20}>
        {run === undefined ? 'Point at a chunk, or move to it with the arrow keys.' : describeRun(run)}
      </Text>
      <div className={look.legend} role="note" aria-label="What the colours and patterns mean">
        {SOURCES.filter((source) => used.has(source)).map((source) => (
          <span key={source}>
            <svg width={16} height={12} aria-hidden="true">
              <rect width={16} height={12} rx={2} fill={`url(#chunk-${source})`} />
            </svg>
            {SOURCE_WORDS[source]}
          </span>
        ))}
      </div>
    </>
  )
}

const FILLS: Readonly<Record<ChunkSource, string>> = {
  reused: 'var(--how-reused)',
  moved: '#56b4e9',
  edited: 'var(--how-delta)',
  new: 'var(--how-plain)',
  repeated: 'var(--how-packed)',
  mixed: 'var(--state-offline)',
}

/** A pattern each, so that colour alone never has to tell. */
const STROKES: Readonly<Record<ChunkSource, string>> = {
  reused: '',
  moved: 'M0 4H8M4 0V8',
  edited: 'M-2 2L2 -2M0 8L8 0M6 10L10 6',
  new: 'M2 0V8M6 0V8',
  repeated: 'M0 2H8M0 6H8',
  mixed: 'M0 0L8 8M8 0L0 8',
}

function Patterns() {
  return (
    <defs>
      {SOURCES.map((source) => (
        <pattern key={source} id={`chunk-${source}`} width={8} height={8} patternUnits="userSpaceOnUse">
          <rect width={8} height={8} style={{ fill: FILLS[source] }} />
          <path d={STROKES[source]} style={{ stroke: 'var(--how-ink)', strokeWidth: 1, fill: 'none' }} />
        </pattern>
      ))}
    </defs>
  )
}
