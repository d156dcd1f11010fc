import type { ApiTokenRow, Attempts, SessionRow, SessionSubject, SignInWriter } from '../sign-ins.ts'
import type { Connection, Row } from './connection.ts'
import { json, number, text, time, timeCell } from './values.ts'

/** `db` is asked for each time: it refuses once the transaction is over. */
export function signInRows(db: () => Connection): SignInWriter {
  return {
    async session(tokenHash) {
      const row = db().get('SELECT * FROM sessions WHERE token_hash = ?', tokenHash)
      return row && sessionOf(row)
    },
    sessions: async (subject) =>
      db()
        .all(`SELECT * FROM sessions ${OF_SUBJECT}`, ...cellsOf(subject))
        .map(sessionOf),
    async token(tokenHash) {
      const row = db().get('SELECT * FROM api_tokens WHERE token_hash = ?', tokenHash)
      return row && tokenOf(row)
    },
    tokens: async (person) =>
      db()
        .all('SELECT * FROM api_tokens WHERE ?1 IS NULL OR person = ?1 ORDER BY created_ms, token_hash', person ?? null)
        .map(tokenOf),
    attempts: async (key) => attemptsAt(db(), key),
    putSession: async (session, most) => putSession(db(), session, most),
    async touchSession(tokenHash, at) {
      db().run('UPDATE sessions SET used_ms = max(used_ms, ?) WHERE token_hash = ?', timeCell(at), tokenHash)
    },
    removeSession: async (tokenHash) => db().run('DELETE FROM sessions WHERE token_hash = ?', tokenHash).changes === 1,
    async removeSessions(subject, except) {
      const sql = 'DELETE FROM sessions WHERE kind = ?1 AND subject = ?2 AND (?3 IS NULL OR token_hash <> ?3)'
      return db().run(sql, ...cellsOf(subject), except ?? null).changes
    },
    async putToken({ tokenHash, person, name, scope, folders, createdAt, expiresAt, lastUsedAt }) {
      const sql = `INSERT INTO api_tokens (token_hash, person, name, scope, folders, created_ms, expires_ms, used_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
      const only = folders === null ? null : JSON.stringify(folders)
      const used = lastUsedAt === null ? null : timeCell(lastUsedAt)
      db().run(sql, tokenHash, person, name, scope, only, timeCell(createdAt), timeCell(expiresAt), used)
    },
    async touchToken(tokenHash, at) {
      const sql = 'UPDATE api_tokens SET used_ms = max(coalesce(used_ms, 0), ?) WHERE token_hash = ?'
      db().run(sql, timeCell(at), tokenHash)
    },
    removeToken: async (tokenHash) => db().run('DELETE FROM api_tokens WHERE token_hash = ?', tokenHash).changes === 1,
    async addAttempt(key, at, forgetBefore) {
      db().run('DELETE FROM attempts WHERE last_ms < ?', timeCell(forgetBefore))
      const sql = `INSERT INTO attempts (key, count, last_ms) VALUES (?, 1, ?)
        ON CONFLICT (key) DO UPDATE SET count = count + 1, last_ms = max(last_ms, excluded.last_ms)`
      db().run(sql, key, timeCell(at))
      return attemptsAt(db(), key)
    },
    async takeBackAttempt(key) {
      db().run('UPDATE attempts SET count = count - 1 WHERE key = ? AND count > 0', key)
    },
    async forgetAttempts(key) {
      db().run('DELETE FROM attempts WHERE key = ?', key)
    },
    async useOnce(name, until, at) {
      db().run('DELETE FROM used_once WHERE until_ms <= ?', timeCell(at))
      const sql = 'INSERT INTO used_once (name, until_ms) VALUES (?, ?) ON CONFLICT (name) DO NOTHING'
      return db().run(sql, name, timeCell(until)).changes === 1
    },
  }
}

const OF_SUBJECT = 'WHERE kind = ? AND subject = ? ORDER BY used_ms DESC, token_hash'

export function cellsOf(subject: SessionSubject): [kind: string, id: string] {
  switch (subject.kind) {
    case 'person':
      return ['person', subject.person]
    case 'node':
      return ['node', subject.node]
    case 'owner':
      return ['owner', '']
  }
}

function putSession(db: Connection, session: SessionRow, most: number): void {
  const { tokenHash, subject, createdAt, lastUsedAt, expiresAt, idleMs, userAgent, address } = session
  const [created, used, expires] = [timeCell(createdAt), timeCell(lastUsedAt), timeCell(expiresAt)]
  db.run('DELETE FROM sessions WHERE expires_ms <= ?1 OR used_ms + idle_ms <= ?1', used)
  const sql = `INSERT INTO sessions (token_hash, kind, subject, created_ms, used_ms, expires_ms, idle_ms, user_agent, address)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
  db.run(sql, tokenHash, ...cellsOf(subject), created, used, expires, idleMs, userAgent, address)
  const surplus = `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions ${OF_SUBJECT} LIMIT -1 OFFSET ?)`
  db.run(surplus, ...cellsOf(subject), most)
}

function attemptsAt(db: Connection, key: string): Attempts {
  const row = db.get('SELECT count, last_ms FROM attempts WHERE key = ?', key)
  return row === undefined ? { count: 0, lastAt: null } : { count: number(row['count']), lastAt: time(row['last_ms']) }
}

export function sessionOf(row: Row): SessionRow {
  return {
    tokenHash: text(row['token_hash']),
    subject: subjectOf(row),
    createdAt: time(row['created_ms']),
    lastUsedAt: time(row['used_ms']),
    expiresAt: time(row['expires_ms']),
    idleMs: number(row['idle_ms']),
    userAgent: text(row['user_agent']),
    address: text(row['address']),
  }
}

function subjectOf(row: Row): SessionSubject {
  const kind = text<SessionSubject['kind']>(row['kind'])
  if (kind === 'owner') return { kind }
  return kind === 'person' ? { kind, person: text(row['subject']) } : { kind, node: text(row['subject']) }
}

export function tokenOf(row: Row): ApiTokenRow {
  return {
    tokenHash: text(row['token_hash']),
    person: text(row['person']),
    name: text(row['name']),
    scope: text(row['scope']),
    folders: row['folders'] === null ? null : json(row['folders']),
    createdAt: time(row['created_ms']),
    expiresAt: time(row['expires_ms']),
    lastUsedAt: row['used_ms'] === null ? null : time(row['used_ms']),
  }
}
