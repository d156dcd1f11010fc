import type { PersonId } from '@causeway/protocol'
import type { ApiTokenRow, Attempts, SessionRow, SessionSubject, SignInWriter } from '../sign-ins.ts'
import type { Row } from '../sqlite/connection.ts'
import { cellsOf, sessionOf, tokenOf } from '../sqlite/sign-in-rows.ts'
import { number, time, timeCell } from '../sqlite/values.ts'
import type { Connection, Value } from './connection.ts'
import { storable } from './storable.ts'

export function signInRows(db: Connection): SignInWriter {
  return { ...sessionRows(db), ...tokenRows(db), ...attemptRows(db) }
}

type OfSessions = 'session' | 'sessions' | 'putSession' | 'touchSession' | 'removeSession' | 'removeSessions'

function sessionRows(db: Connection): Pick<SignInWriter, OfSessions> {
  return {
    async session(tokenHash) {
      const row = await db.get('SELECT * FROM sessions WHERE token_hash = $1', tokenHash)
      return row && sessionOf(row)
    },
    async sessions(subject) {
      return (await db.all(`SELECT * FROM sessions ${OF_SUBJECT}`, ...cellsOf(subject))).map(sessionOf)
    },
    putSession: (session, most) => putSession(db, session, most),
    async touchSession(tokenHash, at) {
      const sql = 'UPDATE sessions SET used_ms = greatest(used_ms, $2) WHERE token_hash = $1'
      await db.run(sql, tokenHash, timeCell(at))
    },
    async removeSession(tokenHash) {
      return (await db.run('DELETE FROM sessions WHERE token_hash = $1', tokenHash)) === 1
    },
    removeSessions: (subject, except) => removeSessions(db, subject, except),
  }
}

const OF_SUBJECT = 'WHERE kind = $1 AND subject = $2 ORDER BY used_ms DESC, token_hash'

async function putSession(db: Connection, session: SessionRow, most: number): Promise<void> {
  const { tokenHash, createdAt, lastUsedAt, expiresAt, idleMs, userAgent, address } = session
  const subject = cellsOf(session.subject)
  const [created, used, expires] = [timeCell(createdAt), timeCell(lastUsedAt), timeCell(expiresAt)]
  const insert = `INSERT INTO sessions (token_hash, kind, subject, created_ms, used_ms, expires_ms, idle_ms, user_agent, address)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
  const cells = [tokenHash, ...subject, created, used, expires, idleMs, storable(userAgent), storable(address)]
  const surplus = `DELETE FROM sessions
    WHERE token_hash = ANY(ARRAY(SELECT token_hash FROM sessions ${OF_SUBJECT} OFFSET $3))`
  await Promise.all([
    // Written as its index has it.
    db.run('DELETE FROM sessions WHERE least(expires_ms, used_ms + idle_ms) <= $1', used),
    db.run(insert, ...cells),
    db.run(surplus, ...subject, most),
  ])
}

function removeSessions(db: Connection, subject: SessionSubject, except: string | undefined): Promise<number> {
  const others = except === undefined ? '' : 'AND token_hash <> $3'
  const values: Value[] = [...cellsOf(subject), ...(except === undefined ? [] : [except])]
  return db.run(`DELETE FROM sessions WHERE kind = $1 AND subject = $2 ${others}`, ...values)
}

type OfTokens = 'token' | 'tokens' | 'putToken' | 'touchToken' | 'removeToken'

function tokenRows(db: Connection): Pick<SignInWriter, OfTokens> {
  return {
    async token(tokenHash) {
      const row = await db.get('SELECT * FROM api_tokens WHERE token_hash = $1', tokenHash)
      return row && tokenOf(row)
    },
    tokens: (person) => tokensOf(db, person),
    putToken: (token) => putToken(db, token),
    async touchToken(tokenHash, at) {
      // The greater of nothing and something is that.
      const sql = 'UPDATE api_tokens SET used_ms = greatest(used_ms, $2) WHERE token_hash = $1'
      await db.run(sql, tokenHash, timeCell(at))
    },
    async removeToken(tokenHash) {
      return (await db.run('DELETE FROM api_tokens WHERE token_hash = $1', tokenHash)) === 1
    },
  }
}

async function tokensOf(db: Connection, person: PersonId | undefined): Promise<ApiTokenRow[]> {
  const values: Value[] = person === undefined ? [] : [person]
  const where = person === undefined ? '' : 'WHERE person = $1'
  return (await db.all(`SELECT * FROM api_tokens ${where} ORDER BY created_ms, token_hash`, ...values)).map(tokenOf)
}

async function putToken(db: Connection, token: ApiTokenRow): Promise<void> {
  const { tokenHash, person, name, scope, folders, createdAt, expiresAt, lastUsedAt } = token
  const sql = `INSERT INTO api_tokens (token_hash, person, name, scope, folders, created_ms, expires_ms, used_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
  const only = folders === null ? null : JSON.stringify(folders)
  const used = lastUsedAt === null ? null : timeCell(lastUsedAt)
  await db.run(sql, tokenHash, person, storable(name), scope, only, timeCell(createdAt), timeCell(expiresAt), used)
}

type OfAttempts = 'attempts' | 'addAttempt' | 'takeBackAttempt' | 'forgetAttempts' | 'useOnce'

function attemptRows(db: Connection): Pick<SignInWriter, OfAttempts> {
  return {
    attempts: async (key) => attemptsOf(await db.get('SELECT count, last_ms FROM attempts WHERE key = $1', key)),
    async addAttempt(key, at, forgetBefore) {
      const sql = `INSERT INTO attempts (key, count, last_ms) VALUES ($1, 1, $2) ON CONFLICT (key) DO UPDATE SET
        count = attempts.count + 1, last_ms = greatest(attempts.last_ms, excluded.last_ms) RETURNING count, last_ms`
      const [, row] = await Promise.all([
        db.run('DELETE FROM attempts WHERE last_ms < $1', timeCell(forgetBefore)),
        db.get(sql, key, timeCell(at)),
      ])
      return attemptsOf(row)
    },
    async takeBackAttempt(key) {
      await db.run('UPDATE attempts SET count = count - 1 WHERE key = $1 AND count > 0', key)
    },
    async forgetAttempts(key) {
      await db.run('DELETE FROM attempts WHERE key = $1', key)
    },
    async useOnce(name, until, at) {
      const [, added] = await Promise.all([
        db.run('DELETE FROM used_once WHERE until_ms <= $1', timeCell(at)),
        db.run(
          'INSERT INTO used_once (name, until_ms) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
          storable(name),
          timeCell(until),
        ),
      ])
      return added === 1
    },
  }
}

function attemptsOf(row: Row | undefined): Attempts {
  return row === undefined ? { count: 0, lastAt: null } : { count: number(row['count']), lastAt: time(row['last_ms']) }
}
