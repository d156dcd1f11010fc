import { lazy, Suspense } from 'react'
import { useUploads } from './page-uploads.ts'

const UploadPanel = lazy(async () => ({ default: (await import('./upload-panel.tsx')).UploadPanel }))

/** Where the uploads are shown while there are any. */
export function UploadPlace() {
  const jobs = useUploads()
  return jobs.length === 0 ? null : (
    <Suspense>
      <UploadPanel jobs={jobs} />
    </Suspense>
  )
}
