/**
 * Part of a step of the migrations: people with accounts, who is signed in, and
 * what was done, shared by all coordinators of the database.
 */
export const PEOPLE = `
  CREATE TABLE people (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    sign_in_name text COLLATE "C" NOT NULL UNIQUE,
    password_hash text COLLATE "C",
    email text COLLATE "C",
    subject text COLLATE "C" UNIQUE,
    is_admin integer NOT NULL,
    disabled integer NOT NULL,
    created_ms bigint NOT NULL
  );
  CREATE INDEX people_by_email ON people (email, id) WHERE email IS NOT NULL;
  CREATE TABLE folder_roles (
    person text COLLATE "C" NOT NULL REFERENCES people (id),
    folder bigint NOT NULL REFERENCES folders (key),
    role text COLLATE "C" NOT NULL,
    PRIMARY KEY (person, folder)
  );
  CREATE INDEX folder_roles_by_folder ON folder_roles (folder);
  -- The roles as JSON.
  CREATE TABLE person_invites (
    secret_hash text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    person text COLLATE "C" REFERENCES people (id),
    is_admin integer NOT NULL,
    roles text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    expires_ms bigint NOT NULL,
    used_by text COLLATE "C"
  );
  CREATE INDEX person_invites_by_person ON person_invites (person) WHERE person IS NOT NULL;
  CREATE INDEX person_invites_open ON person_invites (expires_ms, secret_hash) WHERE used_by IS NULL;

  CREATE TABLE sessions (
    token_hash text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    created_ms bigint NOT NULL,
    used_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    idle_ms bigint NOT NULL,
    user_agent text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL
  );
  CREATE INDEX sessions_by_subject ON sessions (kind, subject);
  -- They end at the earlier of two times: see the statement that forgets them.
  CREATE INDEX sessions_by_end ON sessions ((least(expires_ms, used_ms + idle_ms)));
  -- For which folders, as JSON; NULL for all.
  CREATE TABLE api_tokens (
    token_hash text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL REFERENCES people (id),
    name text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    folders text COLLATE "C",
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms bigint
  ) WITH (fillfactor = 50);
  CREATE INDEX api_tokens_by_person ON api_tokens (person, created_ms, token_hash);
  CREATE TABLE attempts (key text COLLATE "C" PRIMARY KEY, count bigint NOT NULL, last_ms bigint NOT NULL);
  CREATE INDEX attempts_by_age ON attempts (last_ms);
  CREATE TABLE used_once (name text COLLATE "C" PRIMARY KEY, until_ms bigint NOT NULL);
  CREATE INDEX used_once_by_end ON used_once (until_ms);

  -- Read from the newest line back, and followed by nobody: positions need not become visible in their order.
  CREATE TABLE audit (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    actor_name text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    object text COLLATE "C" NOT NULL,
    from_address text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL
  );
  CREATE INDEX audit_by_action ON audit (action, position);
  CREATE INDEX audit_by_actor ON audit (actor_id, position);
  CREATE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the audit log is not changed';
    END
  $$;
  CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit();
`
