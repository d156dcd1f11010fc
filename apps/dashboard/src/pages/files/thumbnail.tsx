import type { FolderId } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { downloadAddress } from './addresses.ts'
import { KindIcon } from './kind-icon.tsx'
import { createTurns } from './turns.ts'
import type { Row } from './row.ts'
import look from './files.module.css'

/** Larger ones are not fetched for a small picture. */
export const THUMBNAIL_BYTES = 8 * 1024 * 1024
const SIDE_PX = 48
/** A row that is only scrolled past asks for nothing. */
const AFTER_MS = 200
const KEPT_MS = 300_000
const turns = createTurns(2)

/** A picture as a small one, made here from its own bytes; its icon until then, and where the browser can't read it. */
export function Thumbnail({
  folder,
  row,
  type,
}: {
  readonly folder: FolderId
  readonly row: Row
  readonly type: string
}) {
  const isStaying = useAfter(AFTER_MS)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { data } = useQuery({
    queryKey: ['thumbnail', folder, row.id, row.seq],
    enabled: isStaying,
    retry: false,
    staleTime: Infinity,
    gcTime: KEPT_MS,
    queryFn: ({ signal }) => turns.run(() => smallPicture(downloadAddress(folder, row.id), type, signal)),
  })
  useEffect(() => {
    if (data === undefined || canvas.current === null) return
    canvas.current.width = data.width
    canvas.current.height = data.height
    canvas.current.getContext('2d')?.drawImage(data, 0, 0)
  }, [data])
  if (data === undefined) return <KindIcon kind={row.kind} name={row.name} />
  return <canvas ref={canvas} className={look.thumbnail} role="img" aria-label="Picture" />
}

async function smallPicture(address: string, type: string, signal: AbortSignal): Promise<ImageBitmap> {
  signal.throwIfAborted()
  const response = await fetch(address, { signal })
  if (!response.ok) throw new Error(`The coordinator answered ${response.status}.`)
  const whole = new Blob([await response.arrayBuffer()], { type })
  return createImageBitmap(whole, { resizeHeight: SIDE_PX, resizeQuality: 'medium' })
}

function useAfter(ms: number): boolean {
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsOver(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return isOver
}
