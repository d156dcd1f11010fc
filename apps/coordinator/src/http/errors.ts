import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { ERROR_CODES, isSyncError, type ErrorBody, type ErrorCode } from '@causeway/protocol'
import type { Log } from '@causeway/log'
import { wantsPage } from '../access/navigation.ts'
import type { PageServer } from './page.ts'
import { loggedPath } from './request-log.ts'

/**
 * Every failed request is answered with `{ error: { code, message } }`; what was not foreseen tells nothing of the inside.
 * Only a person's browser that was sent to an address without anything gets the page, which says so in words.
 */
export function addErrorAnswers(app: FastifyInstance, { log, page }: { log: Log; page: PageServer }): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { code, message } = wasCutOff(error, request) ? CUT_OFF : describe(error)
    const [status] = ERROR_CODES[code]
    if (status >= 500) log.error({ err: error, method: request.method, path: loggedPath(request) }, 'a request failed')
    const body: ErrorBody = { error: { code, message } }
    return reply.code(status).header('content-type', 'application/json').serializer(JSON.stringify).send(body)
  })
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return page.send(request, reply.code(404))
    const body: ErrorBody = {
      error: { code: 'not-found', message: `there is no ${request.method} ${loggedPath(request)}` },
    }
    return reply.code(404).send(body)
  })
}

const CUT_OFF = { code: 'bad-request', message: 'the request ended before all of it had come' } as const

/** What the sender broke off is no failure of this side, whatever of it was noticed first. */
function wasCutOff(error: FastifyError, { raw }: FastifyRequest): boolean {
  if (isSyncError(error)) return false
  return raw.destroyed && !raw.complete
}

function describe(error: FastifyError): { code: ErrorCode; message: string } {
  if (isSyncError(error)) return { code: error.code, message: error.message }
  if (hasZodFastifySchemaValidationErrors(error)) return { code: 'bad-request', message: error.message }
  const status = error.statusCode ?? 500
  if (status === 413) return { code: 'too-large', message: error.message }
  if (status === 429) return { code: 'too-many-requests', message: error.message }
  if (status < 500) return { code: 'bad-request', message: error.message }
  return { code: 'internal', message: 'the coordinator failed at this request; its log says more' }
}
