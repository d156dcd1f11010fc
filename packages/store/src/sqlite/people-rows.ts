import type { GrantedRole, PersonId } from '@causeway/protocol'
import { signInNameOf, type PeopleWriter, type PersonInviteRow, type PersonRow, type RoleRow } from '../people.ts'
import type { Connection, Row } from './connection.ts'
import { flag, json, text, textOrNull, time, timeCell } from './values.ts'

/** `db` is asked for each time: it refuses once the transaction is over. */
export function peopleRows(db: () => Connection): PeopleWriter {
  const one = (where: string, value: string): PersonRow | undefined => {
    const row = db().get(`SELECT * FROM people WHERE ${where} = ?`, value)
    return row && personOf(row)
  }
  return {
    all: async () => db().all('SELECT * FROM people ORDER BY sign_in_name').map(personOf),
    person: async (id) => one('id', id),
    named: async (name) => one('sign_in_name', signInNameOf(name)),
    withSubject: async (subject) => one('subject', subject),
    withEmail: async (email) =>
      db().all('SELECT * FROM people WHERE email = ? ORDER BY id', email.toLowerCase()).map(personOf),
    roles: async (person) => rolesOf(db(), person),
    async invite(secretHash) {
      const row = db().get('SELECT * FROM person_invites WHERE secret_hash = ?', secretHash)
      return row && inviteOf(row)
    },
    async openInvites(at) {
      const sql = `SELECT * FROM person_invites WHERE used_by IS NULL AND expires_ms > ?
        ORDER BY expires_ms, secret_hash`
      return db().all(sql, timeCell(at)).map(inviteOf)
    },
    put: async (person) => putPerson(db(), person),
    async remove(id) {
      for (const [table, column] of OF_A_PERSON) db().run(`DELETE FROM ${table} WHERE ${column} = ?`, id)
      db().run("DELETE FROM sessions WHERE kind = 'person' AND subject = ?", id)
      db().run('DELETE FROM people WHERE id = ?', id)
    },
    setRoles: async (person, roles) => setRoles(db(), person, roles),
    async putInvite({ secretHash, kind, person, isAdmin, roles, email, expiresAt, usedBy }) {
      const sql = `INSERT INTO person_invites (secret_hash, kind, person, is_admin, roles, email, expires_ms, used_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
      const grants = JSON.stringify(roles)
      db().run(sql, secretHash, kind, person, isAdmin ? 1 : 0, grants, email, timeCell(expiresAt), usedBy)
    },
    async useInvite(secretHash, by) {
      const sql = 'UPDATE person_invites SET used_by = ? WHERE secret_hash = ? AND used_by IS NULL'
      return db().run(sql, by, secretHash).changes === 1
    },
    async removeInvite(secretHash) {
      const sql = 'DELETE FROM person_invites WHERE secret_hash = ? AND used_by IS NULL'
      return db().run(sql, secretHash).changes === 1
    },
  }
}

const OF_A_PERSON = [
  ['folder_roles', 'person'],
  ['api_tokens', 'person'],
  ['person_invites', 'person'],
] as const

function putPerson(db: Connection, person: PersonRow): boolean {
  const { id, name, passwordHash, email, subject, isAdmin, disabled, createdAt } = person
  const signInName = signInNameOf(name)
  const taken = db.get(
    'SELECT 1 FROM people WHERE id <> ?1 AND (sign_in_name = ?2 OR (subject IS NOT NULL AND subject = ?3))',
    id,
    signInName,
    subject,
  )
  if (taken !== undefined) return false
  const sql = `INSERT INTO people (id, name, sign_in_name, password_hash, email, subject, is_admin, disabled, created_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, sign_in_name = excluded.sign_in_name,
      password_hash = excluded.password_hash, email = excluded.email, subject = excluded.subject,
      is_admin = excluded.is_admin, disabled = excluded.disabled`
  const [admin, off] = [isAdmin ? 1 : 0, disabled ? 1 : 0]
  const address = email?.toLowerCase() ?? null
  db.run(sql, id, name, signInName, passwordHash, address, subject, admin, off, timeCell(createdAt))
  return true
}

/** A later folder of the same id is not what the role was given for, so roles go with their folder: see the schema. */
function rolesOf(db: Connection, person: PersonId | undefined): RoleRow[] {
  const sql = `SELECT r.person, f.id AS folder, r.role FROM folder_roles r JOIN folders f ON f.key = r.folder
    WHERE (?1 IS NULL OR r.person = ?1) ORDER BY r.person, f.id`
  return db.all(sql, person ?? null).map((row) => ({
    person: text(row['person']),
    folder: text(row['folder']),
    role: text(row['role']),
  }))
}

function setRoles(db: Connection, person: PersonId, roles: readonly GrantedRole[]): void {
  db.run('DELETE FROM folder_roles WHERE person = ?', person)
  const sql = `INSERT INTO folder_roles (person, folder, role) SELECT ?1, key, ?3 FROM folders WHERE id = ?2
    ON CONFLICT (person, folder) DO UPDATE SET role = excluded.role`
  for (const { folder, role } of roles) db.run(sql, person, folder, role)
}

export function personOf(row: Row): PersonRow {
  return {
    id: text(row['id']),
    name: text(row['name']),
    passwordHash: textOrNull(row['password_hash']),
    email: textOrNull(row['email']),
    subject: textOrNull(row['subject']),
    isAdmin: flag(row['is_admin']),
    disabled: flag(row['disabled']),
    createdAt: time(row['created_ms']),
  }
}

export function inviteOf(row: Row): PersonInviteRow {
  return {
    secretHash: text(row['secret_hash']),
    kind: text(row['kind']),
    person: textOrNull(row['person']),
    isAdmin: flag(row['is_admin']),
    roles: json(row['roles']),
    email: textOrNull(row['email']),
    expiresAt: time(row['expires_ms']),
    usedBy: textOrNull(row['used_by']),
  }
}
