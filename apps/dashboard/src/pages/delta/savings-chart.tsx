import { useEffect, useRef, useState } from 'react'
import type { HourPoint } from './savings-model.ts'
import { bytes, minute } from '../../parts/format.ts'
import { createSavingsPlot } from './savings-plot.ts'
import look from './delta.module.css'

/** Loaded when it is first shown: charts are no part of the first page. */
export function SavingsChart({ points }: { readonly points: readonly HourPoint[] }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<ReturnType<typeof createSavingsPlot> | null>(null)
  const [at, setAt] = useState<HourPoint | null>(null)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const made = createSavingsPlot(element, setAt)
    plot.current = made
    return () => {
      made.stop()
      plot.current = null
    }
  }, [])
  useEffect(() => plot.current?.show(points), [points])

  return (
    <>
      <div
        ref={box}
        className={look.chart}
        role="img"
        aria-label="What crossed each hour and what was saved, against whole files. The table below holds the same."
      />
      <div className={look.readout}>{at === null ? 'Point at an hour to read it.' : readingOf(at)}</div>
    </>
  )
}

function readingOf({ atMs, wire, byReuse, byDelta, byCompression, wholeFile }: HourPoint): string {
  return `${minute(atMs)}: ${bytes(wire)} on the wire; saved ${bytes(byReuse)} by reuse, ${bytes(byDelta)} by deltas, ${bytes(byCompression)} by compression. Whole files ${bytes(wholeFile)}.`
}
