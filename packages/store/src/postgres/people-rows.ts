import type { GrantedRole, PersonId } from '@causeway/protocol'
import { signInNameOf, type PeopleWriter, type PersonInviteRow, type PersonRow, type RoleRow } from '../people.ts'
import { inviteOf, personOf } from '../sqlite/people-rows.ts'
import { text, timeCell } from '../sqlite/values.ts'
import type { Connection, Value } from './connection.ts'
import { storable } from './storable.ts'

export function peopleRows(db: Connection): PeopleWriter {
  const one = async (where: string, value: string): Promise<PersonRow | undefined> => {
    const row = await db.get(`SELECT * FROM people WHERE ${where} = $1`, storable(value))
    return row && personOf(row)
  }
  return {
    all: async () => (await db.all('SELECT * FROM people ORDER BY sign_in_name')).map(personOf),
    person: (id) => one('id', id),
    named: (name) => one('sign_in_name', signInNameOf(name)),
    withSubject: (subject) => one('subject', subject),
    async withEmail(email) {
      const rows = await db.all('SELECT * FROM people WHERE email = $1 ORDER BY id', addressCell(email))
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
    remove: (id) => removePerson(db, id),
    setRoles: (person, roles) => setRoles(db, person, roles),
    putInvite: (invite) => putInvite(db, invite),
    async useInvite(secretHash, by) {
      const sql = 'UPDATE person_invites SET used_by = $2 WHERE secret_hash = $1 AND used_by IS NULL'
      return (await db.run(sql, secretHash, by)) === 1
    },
    async removeInvite(secretHash) {
      const sql = 'DELETE FROM person_invites WHERE secret_hash = $1 AND used_by IS NULL'
      return (await db.run(sql, secretHash)) === 1
    },
  }
}

async function putPerson(db: Connection, person: PersonRow): Promise<boolean> {
  const { id, name, passwordHash, email, isAdmin, disabled, createdAt } = person
  const signInName = storable(signInNameOf(name))
  const subject = person.subject === null ? null : storable(person.subject)
  const taken = 'SELECT 1 FROM people WHERE id <> $1 AND (sign_in_name = $2 OR subject = $3)'
  if ((await db.get(taken, id, signInName, subject)) !== undefined) return false
  await db.run(
    `INSERT INTO people (id, name, sign_in_name, password_hash, email, subject, is_admin, disabled, created_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, sign_in_name = excluded.sign_in_name,
       password_hash = excluded.password_hash, email = excluded.email, subject = excluded.subject,
       is_admin = excluded.is_admin, disabled = excluded.disabled`,
    id,
    storable(name),
    signInName,
    passwordHash,
    email === null ? null : addressCell(email),
    subject,
    isAdmin ? 1 : 0,
    disabled ? 1 : 0,
    timeCell(createdAt),
  )
  return true
}

async function removePerson(db: Connection, id: PersonId): Promise<void> {
  await Promise.all([
    db.run('DELETE FROM folder_roles WHERE person = $1', id),
    db.run('DELETE FROM api_tokens WHERE person = $1', id),
    db.run('DELETE FROM person_invites WHERE person = $1', id),
    db.run("DELETE FROM sessions WHERE kind = 'person' AND subject = $1", id),
    db.run('DELETE FROM people WHERE id = $1', id),
  ])
}

/** Those of folders that are gone went with them: see `dropRows`. */
async function rolesOf(db: Connection, person: PersonId | undefined): Promise<RoleRow[]> {
  const values: Value[] = person === undefined ? [] : [person]
  const sql = `SELECT r.person, f.id AS folder, r.role FROM folder_roles r JOIN folders f ON f.key = r.folder
    ${person === undefined ? '' : 'WHERE r.person = $1'} ORDER BY r.person, f.id`
  return (await db.all(sql, ...values)).map((row) => ({
    person: text(row['person']),
    folder: text(row['folder']),
    role: text(row['role']),
  }))
}

/** A statement must not meet one row twice: of several roles in one folder, the last counts. */
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

async function putInvite(db: Connection, invite: PersonInviteRow): Promise<void> {
  const { secretHash, kind, person, isAdmin, roles, email, expiresAt, usedBy } = invite
  const sql = `INSERT INTO person_invites (secret_hash, kind, person, is_admin, roles, email, expires_ms, used_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
  const [admin, grants, address] = [isAdmin ? 1 : 0, JSON.stringify(roles), email === null ? null : storable(email)]
  await db.run(sql, secretHash, kind, person, admin, grants, address, timeCell(expiresAt), usedBy)
}

function addressCell(email: string): string {
  return storable(email.toLowerCase())
}
