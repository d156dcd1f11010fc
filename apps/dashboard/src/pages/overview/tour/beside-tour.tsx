import { lazy, Suspense, type ReactNode } from 'react'
import { useLive } from '../../../live/use-live.ts'
import { useProgress } from './tour-store.ts'
import type { TourStore } from './tour-store.ts'
import { useTour } from './use-tour.ts'
import look from './tour.module.css'

/** Gone once it was done or dismissed: then nothing of it is loaded. */
const Tour = lazy(async () => ({ default: (await import('./tour.tsx')).Tour }))

/** What it holds takes the whole width, or all but that of the tour, where that stands beside it. */
export function BesideTour({ children }: { readonly children: ReactNode }) {
  const tour = useTour()
  const hasNodes = useLive((state) => state.nodes.size > 0)
  // Without a node the next step is to add one, and that is said where they would be.
  return tour !== undefined && hasNodes ? <Beside tour={tour}>{children}</Beside> : children
}

function Beside({ tour, children }: { readonly tour: TourStore; readonly children: ReactNode }) {
  const { dismissed } = useProgress(tour)
  if (dismissed) return children
  return (
    <div className={look.beside}>
      <div className={look.first}>{children}</div>
      <Suspense fallback={<div className={look.tour} />}>
        <Tour tour={tour} />
      </Suspense>
    </div>
  )
}
