import { Readable } from 'node:stream'
import { z } from 'zod'
import { FolderIdSchema, FolderPathSchema, NameSchema } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'

/** How many entries one archive names by themselves. */
const PATHS = 1000

/** A directory, or several entries, to take along. `path` may stand several times; of one directory, `except` names what right in it is left out. */
export function addArchiveRoutes(app: App, { archives }: Coordinator): void {
  app.get(
    '/api/v1/folders/:folder/archive',
    {
      config: { access: 'member', right: 'read' },
      schema: {
        tags: ['files'],
        params: z.object({ folder: FolderIdSchema }),
        querystring: z.object({
          path: z.union([FolderPathSchema, z.array(FolderPathSchema).max(PATHS)]).default(''),
          except: z.union([NameSchema, z.array(NameSchema).max(PATHS)]).default([]),
        }),
      },
    },
    async (request, reply) => {
      const { name, stream } = await archives.zip(
        request.params.folder,
        [request.query.path].flat(),
        [request.query.except].flat(),
      )
      attachment(reply, name)
      return reply.type('application/zip').send(Readable.from(stream, { objectMode: false }))
    },
  )
}
