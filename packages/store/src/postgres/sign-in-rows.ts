import type { Attempts, SessionRow, SignInWriter } from '../sign-ins.ts'
import { cellsOf, sessionOf, tokenOf } from '../sqlite/sign-in-rows.ts'
import { number, time, timeCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'

export function signInRows(db: Connection): SignInWriter {
  return {
    async session(tokenHash) {
      const row = await db.get('SELECT * FROM sessions WHERE token_hash = $1', tokenHash)
      return row && sessionOf(row)
    },
    sessions: async (subject) =>
      (await db.all(`SELECT * FROM sessions ${OF_SUBJECT}`, ...cellsOf(subject))).map(sessionOf),
    async token(tokenHash) {
      const row = await db.get('SELECT * FROM api_tokens WHERE token_hash = $1', tokenHash)
      return row && tokenOf(row)
    },
    async tokens(person) {
      const sql = `SELECT * FROM api_tokens WHERE $1::text IS NULL OR person = $1 ORDER BY created_ms, token_hash`
      return (await db.all(sql, person ?? null)).map(tokenOf)
    },
    async attempts(key) {
      const row = await db.get('SELECT count, last_ms FROM attempts WHERE key = $1', key)
      return attemptsOf(row)
    },
    putSession: (session, most) => putSession(db, session, most),
    async touchSession(tokenHash, at) {
      const sql = 'UPDATE sessions SET used_ms = greatest(used_ms, $1) WHERE token_hash = $2'
      await db.run(sql, timeCell(at), tokenHash)
    },
    removeSession: async (tokenHash) => (await db.run('DELETE FROM sessions WHERE token_hash = $1', tokenHash)) === 1,
    removeSessions(subject, except) {
      const sql = 'DELETE FROM sessions WHERE kind = $1 AND subject = $2 AND ($3::text IS NULL OR token_hash <> $3)'
      return db.run(sql, ...cellsOf(subject), except ?? null)
    },
    async putToken({ tokenHash, person, name, scope, folders, createdAt, expiresAt, lastUsedAt }) {
      const sql = `INSERT INTO api_tokens (token_hash, person, name, scope, folders, created_ms, expires_ms, used_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
      const only = folders === null ? null : JSON.stringify(folders)
      const used = lastUsedAt === null ? null : timeCell(lastUsedAt)
      await db.run(sql, tokenHash, person, name, scope, only, timeCell(createdAt), timeCell(expiresAt), used)
    },
    async touchToken(tokenHash, at) {
      await db.run(
        'UPDATE api_tokens SET used_ms = greatest(used_ms, $1) WHERE token_hash = $2',
        timeCell(at),
        tokenHash,
      )
    },
    removeToken: async (tokenHash) => (await db.run('DELETE FROM api_tokens WHERE token_hash = $1', tokenHash)) === 1,
    async addAttempt(key, at, forgetBefore) {
      const sql = `INSERT INTO attempts AS known (key, count, last_ms) VALUES ($1, 1, $2)
        ON CONFLICT (key) DO UPDATE SET count = known.count + 1, last_ms = greatest(known.last_ms, excluded.last_ms)
        RETURNING count, last_ms`
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
      const sql = 'INSERT INTO used_once (name, until_ms) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING'
      const [, added] = await Promise.all([
        db.run('DELETE FROM used_once WHERE until_ms <= $1', timeCell(at)),
        db.run(sql, name, timeCell(until)),
      ])
      return added === 1
    },
  }
}

const OF_SUBJECT = 'WHERE kind = $1 AND subject = $2 ORDER BY used_ms DESC, token_hash'

async function putSession(db: Connection, session: SessionRow, most: number): Promise<void> {
  const { tokenHash, subject, createdAt, lastUsedAt, expiresAt, idleMs, userAgent, address } = session
  const [created, used, expires] = [timeCell(createdAt), timeCell(lastUsedAt), timeCell(expiresAt)]
  const sql = `INSERT INTO sessions (token_hash, kind, subject, created_ms, used_ms, expires_ms, idle_ms, user_agent, address)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
  const surplus = `DELETE FROM sessions WHERE token_hash = ANY(ARRAY(SELECT token_hash FROM sessions ${OF_SUBJECT} OFFSET $3))`
  await Promise.all([
    db.run('DELETE FROM sessions WHERE least(expires_ms, used_ms + idle_ms) <= $1', used),
    db.run(sql, tokenHash, ...cellsOf(subject), created, used, expires, idleMs, userAgent, address),
    db.run(surplus, ...cellsOf(subject), most),
  ])
}

function attemptsOf(row: Parameters<typeof sessionOf>[0] | undefined): Attempts {
  return row === undefined ? { count: 0, lastAt: null } : { count: number(row['count']), lastAt: time(row['last_ms']) }
}
