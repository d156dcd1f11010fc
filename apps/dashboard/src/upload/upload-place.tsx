import { useUploads } from './page-uploads.ts'
import { lazyPart } from '../parts/lazy-part.tsx'

const UploadPanel = lazyPart('The list of uploads', async () => (await import('./upload-panel.tsx')).UploadPanel)

/** Where the uploads are shown while there are any. */
export function UploadPlace() {
  const jobs = useUploads()
  return jobs.length === 0 ? null : <UploadPanel jobs={jobs} />
}
