import type { ReactNode } from 'react'
import { useLive } from '../../../live/use-live.ts'
import { lazyPart } from '../../../parts/lazy-part.tsx'
import { useProgress } from './tour-store.ts'
import { useTour } from './use-tour.ts'
import look from './tour.module.css'

/** Once it was done or dismissed nothing of it is loaded. */
const Tour = lazyPart('The tour', async () => (await import('./tour.tsx')).Tour)

/** What it holds takes the whole width, or all but that of the tour, where that stands beside it. */
export function BesideTour({ children }: { readonly children: ReactNode }) {
  const tour = useTour()
  const progress = useProgress(tour)
  // Without a node the next step is to add one, and that is said where they would be.
  const hasNodes = useLive((state) => state.nodes.size > 0)
  const stands = tour !== undefined && hasNodes && progress?.dismissed === false
  // What is held stays the same element whether or not the tour stands: nothing in it begins anew.
  return (
    <div className={stands ? look.beside : undefined}>
      <div className={stands ? look.first : undefined}>{children}</div>
      {stands && <Tour tour={tour} />}
    </div>
  )
}
