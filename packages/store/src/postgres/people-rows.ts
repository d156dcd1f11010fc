import type { GrantedRole, PersonId } from '@causeway/protocol'
import { signInNameOf, type PeopleWriter, type PersonRow, type RoleRow } from '../people.ts'
import { inviteOf, personOf } from '../sqlite/people-rows.ts'
import { text, timeCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'

export function peopleRows(db: Connection): PeopleWriter {
  const one = async (where: string, value: string): Promise<PersonRow | undefined> => {
    const row = await db.get(`SELECT * FROM people WHERE ${where} = $1`, value)
    return row && personOf(row)
  }
  return {
    all: async () => (await db.all('SELECT * FROM people ORDER BY sign_in_name')).map(personOf),
    person: (id) => one('id', id),
    named: (name) => one('sign_in_name', signInNameOf(name)),
    withSubject: (subject) => one('subject', subject),
    async withEmail(email) {
      const rows = await db.all('SELECT * FROM people WHERE email = $1 ORDER BY id', email.toLowerCase())
      return rows.map(personOf)
    },
    roles: (person) => rolesOf(db, person),
    async invite(secretHash) {
      const row = await db.get('SELECT * FROM person_invites WHERE secret_hash = $1', secretHash)
      return row && inviteOf(row)
    },
    async openInvites(at) {
      const sql = `SELECT * FROM person_invites WHERE used_by IS NULL AND expires_ms > $1
        ORDER BY expires_ms, secret_hash`
      return (await db.all(sql, timeCell(at))).map(inviteOf)
    },
    put: (person) => putPerson(db, person),
    async remove(id) {
      const own = ['folder_roles', 'api_tokens', 'person_invites']
      await Promise.all([
        ...own.map((table) => db.run(`DELETE FROM ${table} WHERE person = $1`, id)),
        db.run("DELETE FROM sessions WHERE kind = 'person' AND subject = $1", id),
        db.run('DELETE FROM people WHERE id = $1', id),
      ])
    },
    setRoles: (person, roles) => setRoles(db, person, roles),
    async putInvite({ secretHash, kind, person, isAdmin, roles, email, expiresAt, usedBy }) {
      const sql = `INSERT INTO person_invites (secret_hash, kind, person, is_admin, roles, email, expires_ms, used_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
      const grants = JSON.stringify(roles)
      await db.run(sql, secretHash, kind, person, isAdmin ? 1 : 0, grants, email, timeCell(expiresAt), usedBy)
    },
    async useInvite(secretHash, by) {
      const sql = 'UPDATE person_invites SET used_by = $1 WHERE secret_hash = $2 AND used_by IS NULL'
      return (await db.run(sql, by, secretHash)) === 1
    },
    async removeInvite(secretHash) {
      const sql = 'DELETE FROM person_invites WHERE secret_hash = $1 AND used_by IS NULL'
      return (await db.run(sql, secretHash)) === 1
    },
  }
}

async function putPerson(db: Connection, person: PersonRow): Promise<boolean> {
  const { id, name, passwordHash, email, subject, isAdmin, disabled, createdAt } = person
  const signInName = signInNameOf(name)
  const taken = await db.get(
    'SELECT 1 FROM people WHERE id <> $1 AND (sign_in_name = $2 OR subject = $3)',
    id,
    signInName,
    subject,
  )
  if (taken !== undefined) return false
  const sql = `INSERT INTO people (id, name, sign_in_name, password_hash, email, subject, is_admin, disabled, created_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, sign_in_name = excluded.sign_in_name,
      password_hash = excluded.password_hash, email = excluded.email, subject = excluded.subject,
      is_admin = excluded.is_admin, disabled = excluded.disabled`
  const [admin, off] = [isAdmin ? 1 : 0, disabled ? 1 : 0]
  const address = email?.toLowerCase() ?? null
  await db.run(sql, id, name, signInName, passwordHash, address, subject, admin, off, timeCell(createdAt))
  return true
}

/** A later folder of the same id is not what the role was given for, so roles go with their folder. */
async function rolesOf(db: Connection, person: PersonId | undefined): Promise<RoleRow[]> {
  const sql = `SELECT r.person, f.id AS folder, r.role FROM folder_roles r JOIN folders f ON f.key = r.folder
    WHERE ($1::text IS NULL OR r.person = $1) ORDER BY r.person, f.id`
  return (await db.all(sql, person ?? null)).map((row) => ({
    person: text(row['person']),
    folder: text(row['folder']),
    role: text(row['role']),
  }))
}

async function setRoles(db: Connection, person: PersonId, roles: readonly GrantedRole[]): Promise<void> {
  const last = new Map(roles.map(({ folder, role }) => [folder, role]))
  const sql = `INSERT INTO folder_roles (person, folder, role)
    SELECT $1, f.key, given.role FROM unnest($2::text[], $3::text[]) AS given (folder, role)
    JOIN folders f ON f.id = given.folder`
  await Promise.all([
    db.run('DELETE FROM folder_roles WHERE person = $1', person),
    db.run(sql, person, [...last.keys()], [...last.values()]),
  ])
}
