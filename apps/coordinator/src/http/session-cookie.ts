import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionCookie } from '../access/session-cookie.ts'
import type { OpenedSession } from '../access/sessions.ts'

/** Gives a browser its session, in a cookie that no script reads and no other site sends. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, expiresAt }: OpenedSession,
): void {
  const { name, secure } = sessionCookie(request)
  const expires = new Date(expiresAt)
  reply.setCookie(name, token, { httpOnly: true, sameSite: 'strict', path: '/', secure, expires })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const { name, secure } = sessionCookie(request)
  reply.clearCookie(name, { path: '/', secure })
}
