import { z } from 'zod'
import { CHUNK_FRAMES_TYPE } from '../chunk-frames.ts'
import { FileViewSchema, UploadFinishSchema, UploadMissingSchema } from '../rest.ts'
import { CHANGES } from './access.ts'
import { InFolder } from './params.ts'
import { raw, route } from './route.ts'

const tags = ['files'] as const

/** Uploads in chunks, for a browser that cuts and hashes. */
export const UPLOAD_ROUTES = {
  missing: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/uploads/missing',
    ...CHANGES,
    tags,
    summary: 'Which of these chunks the coordinator does not hold',
    params: InFolder,
    body: UploadMissingSchema,
    response: UploadMissingSchema,
  }),
  /** Chunk frames (see `encodeChunkFrame`), one after the other. */
  chunks: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/uploads/chunks',
    ...CHANGES,
    tags,
    summary: 'Send chunks',
    params: InFolder,
    body: raw(CHUNK_FRAMES_TYPE),
    response: z.object({ stored: z.int().min(0) }),
  }),
  finish: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/uploads',
    ...CHANGES,
    tags,
    summary: 'Name the file that chunks make up, once all of them are there',
    params: InFolder,
    body: UploadFinishSchema,
    // A chunk takes about 90 bytes as JSON: this is a file of some 10 GB.
    bodyLimit: 16 * 1024 * 1024,
    response: FileViewSchema,
  }),
}
