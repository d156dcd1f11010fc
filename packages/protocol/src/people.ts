import { z } from 'zod'
import { WordSchema } from './bounded.ts'
import { FolderIdSchema, textLike, type Branded } from './ids.ts'
import { LIMITS } from './limits.ts'

/** A person with an account. */
export type PersonId = Branded<'PersonId'>
export const PersonIdSchema = textLike<PersonId>(/^[a-z0-9][a-z0-9-]{0,31}$/)

/** Whoever holds the admin token of the data directory: the owner of the machine that the coordinator runs on. */
export const OWNER_ID = 'owner' as PersonId
/** Everybody, at a coordinator that asks nobody to sign in. */
export const ANYBODY_ID = 'anybody' as PersonId

/**
 * What a person is in a folder. A viewer looks and downloads; an editor also
 * changes, restores, undoes and resolves conflicts. All else is for admins.
 */
export const FolderRoleSchema = z.enum(['editor', 'viewer'])
export type FolderRole = z.infer<typeof FolderRoleSchema>

export const GrantedRoleSchema = z.object({ folder: FolderIdSchema, role: FolderRoleSchema })
export type GrantedRole = z.infer<typeof GrantedRoleSchema>

const RolesSchema = z.array(GrantedRoleSchema).max(LIMITS.rolesPerPerson)
/** What a person signs in with, and what others see in history. */
export const PersonNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.personNameChars)
  .regex(/^\P{Cc}*$/u)
const EmailSchema = z
  .string()
  .max(LIMITS.wordChars)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
/** Long enough that guessing is hopeless at the pace that guesses are answered. */
export const NewPasswordSchema = z
  .string()
  .min(LIMITS.passwordLeastChars, `a password needs at least ${LIMITS.passwordLeastChars} characters`)
  .max(LIMITS.passwordChars)
const PasswordSchema = z.string().min(1).max(LIMITS.passwordChars)
const SecretSchema = z.string().min(20).max(200)

/** What a person may do, as a page needs to know it. */
export const RightsViewSchema = z.object({
  /** What is for admins: all of it, looking at it, or nothing. */
  administers: z.enum(['all', 'reads', 'nothing']),
  /** The role in every folder, those to come included; null where it depends on the folder. */
  everywhere: FolderRoleSchema.nullable(),
  folders: RolesSchema,
})
export type RightsView = z.infer<typeof RightsViewSchema>

export const PersonViewSchema = z.object({
  id: PersonIdSchema,
  name: WordSchema,
  email: WordSchema.nullable(),
  isAdmin: z.boolean(),
  disabled: z.boolean(),
  createdAt: WordSchema,
  /** When one of the sessions that are open was used last. */
  lastSeenAt: WordSchema.nullable(),
  /** True once a password was set; without one, the person signs in by OpenID Connect. */
  hasPassword: z.boolean(),
  roles: RolesSchema,
})
export type PersonView = z.infer<typeof PersonViewSchema>

/** What an admin changes about a person. `roles` takes the place of all that there were. */
export const ChangePersonSchema = z.object({
  isAdmin: z.boolean().optional(),
  disabled: z.boolean().optional(),
  email: EmailSchema.nullable().optional(),
  roles: RolesSchema.optional(),
})
export type ChangePerson = z.infer<typeof ChangePersonSchema>

export const PersonInviteRequestSchema = z.object({
  isAdmin: z.boolean().default(false),
  roles: RolesSchema.default([]),
  /** Whom it is for, where they are to sign in by OpenID Connect. */
  email: EmailSchema.optional(),
  minutes: z
    .int()
    .min(1)
    .max(LIMITS.inviteMinutes)
    .default(7 * 24 * 60),
})
export type PersonInviteRequest = z.input<typeof PersonInviteRequestSchema>

/** `secret` goes behind `/welcome#` in the address of the page. */
export const PersonInviteMadeSchema = z.object({ secret: WordSchema, link: WordSchema, expiresAt: WordSchema })
export type PersonInviteMade = z.infer<typeof PersonInviteMadeSchema>

export const OpenPersonInviteSchema = z.object({
  id: WordSchema,
  isAdmin: z.boolean(),
  roles: RolesSchema,
  email: WordSchema.nullable(),
  /** Whose password it sets anew, by name; null for one that lets somebody new in. */
  resets: WordSchema.nullable(),
  expiresAt: WordSchema,
})
export type OpenPersonInvite = z.infer<typeof OpenPersonInviteSchema>

export const InviteSecretSchema = z.object({ secret: SecretSchema })

/** What whoever was sent an invitation sees of it before they accept. */
export const InviteLookSchema = z.object({
  kind: z.enum(['first-admin', 'invitation', 'new-password']),
  /** The name that there is already, where it sets a new password. */
  name: WordSchema.nullable(),
  isAdmin: z.boolean(),
  /** By name: ids say nothing to those who are not in yet. */
  folders: z.array(z.object({ name: WordSchema, role: FolderRoleSchema })).max(LIMITS.rolesPerPerson),
})
export type InviteLook = z.infer<typeof InviteLookSchema>

export const AcceptInviteSchema = z.object({
  secret: SecretSchema,
  /** Left out where the link sets a new password. */
  name: PersonNameSchema.optional(),
  password: NewPasswordSchema,
})
export type AcceptInvite = z.input<typeof AcceptInviteSchema>

/** The admin token, a person's name and password, or the secret of a sign-in link. */
export const SessionRequestSchema = z.union([
  z.object({ token: z.string().min(1).max(200) }),
  z.object({ link: SecretSchema }),
  z.object({ name: z.string().trim().min(1).max(LIMITS.wordChars), password: PasswordSchema }),
])
export type SessionRequest = z.infer<typeof SessionRequestSchema>

export const SessionViewSchema = z.object({
  /** False where whoever asks has no session to end: they came by a token, or the coordinator asks for no sign-in. */
  canSignOut: z.boolean(),
  person: z.object({ id: PersonIdSchema, name: WordSchema }),
  /** True for somebody with an account, which has a password, sessions and tokens to look after. */
  hasAccount: z.boolean(),
  rights: RightsViewSchema,
})
export type SessionView = z.infer<typeof SessionViewSchema>

/** A link that signs a browser in. `secret` goes behind `/sign-in#` in the address of the page. */
export const SignInLinkSchema = z.object({ secret: WordSchema, link: WordSchema, expiresAt: WordSchema })
export type SignInLink = z.infer<typeof SignInLinkSchema>

/** What the page asks before anybody has signed in. */
export const SignInWaysSchema = z.object({
  /** False until the first admin has been made. */
  hasAccounts: z.boolean(),
  /** What to call the OpenID Connect provider, where there is one. */
  openId: WordSchema.nullable(),
})

export type SignInWays = z.infer<typeof SignInWaysSchema>

export const OpenSessionSchema = z.object({
  id: WordSchema,
  isThisOne: z.boolean(),
  createdAt: WordSchema,
  lastUsedAt: WordSchema,
  expiresAt: WordSchema,
  userAgent: WordSchema,
  address: WordSchema,
})
export type OpenSession = z.infer<typeof OpenSessionSchema>

export const ChangePasswordSchema = z.object({ current: PasswordSchema, password: NewPasswordSchema })

/** `read` looks; `write` also does what an editor does; `admin` does all that its person may. */
export const TokenScopeSchema = z.enum(['read', 'write', 'admin'])
export type TokenScope = z.infer<typeof TokenScopeSchema>

export const TokenRequestSchema = z.object({
  name: z.string().trim().min(1).max(100),
  scope: TokenScopeSchema,
  /** Only these; without them, all that its person may use. */
  folders: z.array(FolderIdSchema).min(1).max(LIMITS.rolesPerPerson).optional(),
  days: z.int().min(1).max(LIMITS.tokenDays).default(90),
})
export type TokenRequest = z.input<typeof TokenRequestSchema>

export const ApiTokenSchema = z.object({
  id: WordSchema,
  name: WordSchema,
  scope: TokenScopeSchema,
  folders: z.array(FolderIdSchema).max(LIMITS.rolesPerPerson).nullable(),
  createdAt: WordSchema,
  expiresAt: WordSchema,
  lastUsedAt: WordSchema.nullable(),
})
export type ApiToken = z.infer<typeof ApiTokenSchema>

/** The only time that a token is shown. */
export const TokenMadeSchema = ApiTokenSchema.extend({ token: WordSchema })
export type TokenMade = z.infer<typeof TokenMadeSchema>
