import type { FastifyReply, FastifyRequest } from 'fastify'
import { SESSION_COOKIE } from '../access/gate.ts'
import type { OpenedSession } from '../access/sessions.ts'

/** Gives a browser its session, in a cookie that no script reads and no other site sends. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, expiresAt }: OpenedSession,
): void {
  const secure = request.protocol === 'https'
  const expires = new Date(expiresAt)
  reply.setCookie(SESSION_COOKIE, token, { httpOnly: true, sameSite: 'strict', path: '/', secure, expires })
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, { path: '/' })
}
