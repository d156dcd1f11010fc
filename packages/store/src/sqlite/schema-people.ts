/** A step of the migrations, as the others are. */
export const PEOPLE = `
  -- People with accounts, who is signed in, and what was done: shared by all coordinators of the database.
  CREATE TABLE people (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sign_in_name TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    email TEXT,
    subject TEXT UNIQUE,
    is_admin INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE folder_roles (
    person TEXT NOT NULL REFERENCES people (id),
    folder INTEGER NOT NULL REFERENCES folders (key),
    role TEXT NOT NULL,
    PRIMARY KEY (person, folder)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX folder_roles_by_folder ON folder_roles (folder);
  CREATE TABLE person_invites (
    secret_hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT REFERENCES people (id),
    is_admin INTEGER NOT NULL,
    roles TEXT NOT NULL,
    email TEXT,
    expires_ms INTEGER NOT NULL,
    used_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_subject ON sessions (kind, subject, used_ms);
  CREATE TABLE api_tokens (
    token_hash TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    folders TEXT,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE attempts (key TEXT PRIMARY KEY, count INTEGER NOT NULL, last_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX attempts_by_age ON attempts (last_ms);
  CREATE TABLE used_once (name TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX used_once_by_end ON used_once (until_ms);
  CREATE TABLE audit (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    from_address TEXT NOT NULL,
    details TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_action ON audit (action, position);
  CREATE INDEX audit_by_actor ON audit (actor_id, position);
  CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is not changed'); END;
  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is not changed'); END;
  `
