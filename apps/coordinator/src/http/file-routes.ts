import { Readable } from 'node:stream'
import type { Multipart, MultipartFile } from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { check, isSyncError, NameSchema, ROUTES, SyncError, type EntryState, type FolderId } from '@causeway/protocol'
import type { TakenContent } from '@causeway/contents'
import { segmentsOf } from '@causeway/log'
import { actorBehind } from '../access/actor.ts'
import { admitTo, personOf } from '../access/gate.ts'
import { maySee } from '../access/person-rights.ts'
import type { Coordinator } from '../coordinator.ts'
import { fileView } from '../tree/browse.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'
import { rangeOf } from './byte-range.ts'
import { serveRoute } from './serve-route.ts'

const { original } = ROUTES

/** Files in the original interface. */
export function addFileRoutes(app: App, coordinator: Coordinator): void {
  const { folders, browse, uploads, contents } = coordinator
  serveRoute(app, original.files, async (request) => {
    const { query } = request
    const { rights } = personOf(request)
    // Those who know of no folders are told of no files, not of an error.
    if (query.folder === undefined && !(await folders.list()).some(({ id }) => maySee(rights, id)))
      return { files: [], next: null }
    return browse.files(await folderSeen(request, query.folder), query)
  })
  serveRoute(app, original.upload, async (request) => {
    // Which folder is meant may be said behind the file: whoever changes none sends nothing.
    refuseViewers(request)
    const { content, fileName, fields } = await readForm(request, coordinator)
    const { path: given, folder: name, owner_node: owner = null } = check(original.upload.body.fields, fields)
    const { rights } = personOf(request)
    const folder = rights.everywhere === null ? await folderSeen(request, name) : await folders.meantForUpload(name)
    admitTo(request, folder, 'change')
    const path = checkedPath(given ?? fileName)
    if (owner !== null) await coordinator.nodes.get(owner)
    return fileView(folder, await uploads.put({ folder, by: actorBehind(request) }, { path, content, owner }), path)
  })
  serveRoute(app, original.download, async (request, reply) => {
    const folder = await folderSeen(request, request.query.folder)
    return sendFile(request, reply, { ...(await browse.file(folder, { path: request.query.path })), folder })
  })
  serveRoute(app, original.downloadById, async (request, reply) => {
    const folder = await folderSeen(request, request.query.folder)
    return sendFile(request, reply, { ...(await browse.file(folder, { entry: request.params.id })), folder })
  })

  /** The folder that somebody means, of those that they may see: the others are not there for them. */
  function folderSeen(request: FastifyRequest, text: string | undefined): Promise<FolderId> {
    const { rights } = personOf(request)
    return folders.meant(text, (folder) => maySee(rights, folder))
  }

  async function sendFile(
    request: FastifyRequest,
    reply: FastifyReply,
    { content, name, folder }: EntryState & { readonly folder: FolderId },
  ): Promise<FastifyReply> {
    if (content.kind !== 'file') throw new SyncError('bad-request', `${name} is a ${content.kind}, not a file`)
    const range = rangeOf(request.headers.range, content.size)
    if (range === 'unsatisfiable') {
      return reply
        .code(416)
        .header('content-range', `bytes */${content.size}`)
        .send({
          error: { code: 'bad-request', message: `${name} has only ${content.size} bytes` },
        })
    }
    attachment(reply, name)
    reply.header('accept-ranges', 'bytes').header('etag', `"${content.hash}"`)
    const { start, end } = range ?? { start: 0, end: content.size }
    if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${content.size}`)
    reply.header('content-length', end - start)
    return reply.send(Readable.from(await contents.read({ ...content, folder }, { start, end }), { objectMode: false }))
  }
}

function refuseViewers(request: FastifyRequest): void {
  const { everywhere, folders } = personOf(request).rights
  if (everywhere === 'editor' || [...folders.values()].includes('editor')) return
  throw new SyncError('not-allowed', 'you may look at files, but not upload any: ask an admin')
}

interface Form {
  readonly content: TakenContent
  readonly fileName: string
  readonly fields: Record<string, string>
}

/** Reads a form with one file; its fields may stand before or behind the file. */
async function readForm(request: FastifyRequest, { contents }: Coordinator): Promise<Form> {
  if (!request.isMultipart())
    throw new SyncError('bad-request', 'an upload is multipart/form-data with a part named file')
  const fields: Record<string, string> = {}
  let content: TakenContent | undefined
  let fileName = ''
  for await (const part of partsOf(request)) {
    if (part.type === 'file') {
      fileName = part.filename
      content = await contents.takeIn(received(part))
    } else if (typeof part.value === 'string') fields[part.fieldname] = part.value
  }
  if (content === undefined) throw new SyncError('bad-request', 'the form has no part named file')
  return { content, fileName, fields }
}

/** What is wrong with a form is its sender's doing; what goes wrong where its parts are put comes by here too, as it is. */
async function* partsOf(request: FastifyRequest): AsyncIterable<Multipart> {
  try {
    yield* request.parts()
  } catch (error) {
    throw malformed(error)
  }
}

async function* received({ file }: MultipartFile): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of file) {
      if (piece instanceof Uint8Array) yield piece
    }
  } catch (error) {
    throw malformed(error)
  }
}

/** Limits have a status of their own, and what is ours a code. */
function malformed(cause: unknown): unknown {
  if (!(cause instanceof Error) || isSyncError(cause) || 'statusCode' in cause) return cause
  return new SyncError('bad-request', `the form cannot be read: ${cause.message}`, { cause })
}

function checkedPath(path: string): string {
  const segments = segmentsOf(path)
  if (segments.length === 0) throw new SyncError('bad-request', 'the upload names no path')
  for (const segment of segments) check(NameSchema, segment)
  return path
}
