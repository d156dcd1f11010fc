import type { GrantedRole, PersonId } from '@causeway/protocol'

/** People with accounts, what they are in folders, and invitations to become one. */
export interface PeopleReader {
  /** By name. */
  all(): Promise<readonly PersonRow[]>
  person(id: PersonId): Promise<PersonRow | undefined>
  /** The person who signs in with a name, however its letters are written (see `signInNameOf`). */
  named(name: string): Promise<PersonRow | undefined>
  /** The person that an OpenID Connect provider knows by this subject. */
  withSubject(subject: string): Promise<PersonRow | undefined>
  /** People with this address, in whatever case it is written. */
  withEmail(email: string): Promise<readonly PersonRow[]>
  /** By person and folder. Of folders that are gone for good there are none. */
  roles(person?: PersonId): Promise<readonly RoleRow[]>
  invite(secretHash: string): Promise<PersonInviteRow | undefined>
  /** Invitations that nobody has used and that still hold at a time (ISO 8601), the first to expire first. */
  openInvites(at: string): Promise<readonly PersonInviteRow[]>
}

export interface PeopleWriter extends PeopleReader {
  /** False, and nothing was changed, where another person signs in with that name, or has that subject. */
  put(person: PersonRow): Promise<boolean>
  /** Forgets a person with their roles, sessions and tokens. What the audit log says of them stays. */
  remove(id: PersonId): Promise<void>
  /** Takes the place of all roles that the person had. */
  setRoles(person: PersonId, roles: readonly GrantedRole[]): Promise<void>
  putInvite(invite: PersonInviteRow): Promise<void>
  /** Marks an invitation used; false if it was used already. */
  useInvite(secretHash: string, by: PersonId): Promise<boolean>
  /** Forgets an invitation that nobody has used; false if there is none such. */
  removeInvite(secretHash: string): Promise<boolean>
}

export interface PersonRow {
  readonly id: PersonId
  readonly name: string
  /** With its parameters (see `hashPassword`); null for one who signs in by OpenID Connect. */
  readonly passwordHash: string | null
  readonly email: string | null
  /** Issuer and subject at an OpenID Connect provider; null until a first sign-in by it. */
  readonly subject: string | null
  readonly isAdmin: boolean
  readonly disabled: boolean
  readonly createdAt: string
}

export interface RoleRow extends GrantedRole {
  readonly person: PersonId
}

export interface PersonInviteRow {
  /** SHA-256 of the secret: the secret itself is never stored. */
  readonly secretHash: string
  /**
   * `first-admin` is good only while nobody has an account; `new-password` is for a person that there is; `sign-in` makes
   * no account: it signs a browser in as the owner of the machine.
   */
  readonly kind: 'first-admin' | 'invitation' | 'new-password' | 'sign-in'
  /** Whose password it sets; null for the other kinds. */
  readonly person: PersonId | null
  readonly isAdmin: boolean
  readonly roles: readonly GrantedRole[]
  readonly email: string | null
  readonly expiresAt: string
  readonly usedBy: PersonId | null
}

/** Two names that people would take for one are one. */
export function signInNameOf(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}
