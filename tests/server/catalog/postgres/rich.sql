-- One of everything that a catalog has, on PostgreSQL 12 and later.
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'The application''s own';
CREATE EXTENSION hstore;
CREATE EXTENSION pg_trgm SCHEMA app;
CREATE EXTENSION btree_gist;

CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy');
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
COMMENT ON TYPE mood IS 'How one feels';
CREATE TYPE app.nothing AS ENUM ();
CREATE DOMAIN app.positive AS integer DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0);
COMMENT ON DOMAIN app.positive IS 'More than nothing';
CREATE DOMAIN code AS text COLLATE "C" CHECK (VALUE ~ '^\d+$') CHECK (length(VALUE) < 10);
CREATE TYPE app.place AS (x double precision, "Y" numeric(10, 2), name text COLLATE "C");
COMMENT ON TYPE app.place IS 'Where';
COMMENT ON COLUMN app.place.x IS 'East';

CREATE SEQUENCE app.tickets AS integer START 100 INCREMENT -5 MINVALUE -1000 MAXVALUE 1000 CACHE 7 CYCLE;
COMMENT ON SEQUENCE app.tickets IS 'Downwards';

CREATE FUNCTION app.twice(n integer, times integer DEFAULT 2) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT n * times $$;
CREATE FUNCTION app.twice(n text) RETURNS text LANGUAGE sql AS $f$ SELECT n || $$'\"$$ || n $f$;
CREATE FUNCTION feel(m mood, VARIADIC rest app.place[]) RETURNS SETOF mood
    LANGUAGE plpgsql SET search_path = app, public AS $$ BEGIN RETURN NEXT m; END $$;
COMMENT ON FUNCTION feel(mood, app.place[]) IS 'Feels';
CREATE PROCEDURE app.tidy(INOUT done boolean) LANGUAGE plpgsql AS $$ BEGIN done := true; END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
CREATE AGGREGATE app.product(double precision) (SFUNC = float8mul, STYPE = double precision, INITCOND = '1');

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 2) CONSTRAINT users_key PRIMARY KEY,
    email varchar(255) NOT NULL,
    "Display Name" text COLLATE "C" DEFAULT 'it''s \ you',
    mood mood DEFAULT 'sad' NOT NULL,
    homes app.place[] DEFAULT '{}',
    size app.positive,
    price numeric(10, 2) DEFAULT 0.10,
    born date DEFAULT '2001-02-03',
    seen timestamptz DEFAULT '2001-02-03 04:05:06+00',
    wait interval DEFAULT '1 day 02:00',
    document jsonb DEFAULT '{}'::jsonb NOT NULL,
    tags text[],
    attributes hstore,
    lower_email text GENERATED ALWAYS AS (lower(email)) STORED,
    during tstzrange,
    CONSTRAINT users_email_key UNIQUE (email) INCLUDE (mood) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "price is sane" CHECK (price >= 0 AND price < 1000000),
    CONSTRAINT born_later CHECK (born > '1900-01-01') NO INHERIT,
    CONSTRAINT no_overlap EXCLUDE USING gist (mood WITH =, during WITH &&) WHERE (size > 1)
) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
COMMENT ON TABLE users IS E'People\nand others';
COMMENT ON COLUMN users.email IS 'Where letters go';
COMMENT ON CONSTRAINT users_email_key ON users IS 'One each';
ALTER TABLE users ALTER COLUMN tags SET STORAGE EXTERNAL, ALTER COLUMN tags SET STATISTICS 500,
    ALTER COLUMN mood SET (n_distinct = 4);
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON users FOR UPDATE TO PUBLIC USING (email = current_user) WITH CHECK (size > 0);
COMMENT ON POLICY own ON users IS 'Their own';
CREATE POLICY strict ON users AS RESTRICTIVE USING (true);
ALTER TABLE users ADD CONSTRAINT not_yet CHECK (length(email) > 3) NOT VALID;

CREATE INDEX users_lower ON users (lower(email) DESC, "Display Name" COLLATE "POSIX" NULLS FIRST, id DESC NULLS LAST);
CREATE INDEX users_tags ON users USING gin (tags) WITH (fastupdate = off);
CREATE INDEX users_document ON users USING gin (document jsonb_path_ops);
CREATE INDEX users_alike ON users USING gist (email app.gist_trgm_ops) WHERE email IS NOT NULL;
CREATE INDEX users_pattern ON users (email varchar_pattern_ops);
CREATE INDEX users_seen ON users USING brin (seen) WITH (pages_per_range = 16);
CREATE UNIQUE INDEX users_happy ON users (lower_email) INCLUDE (id) WHERE mood = 'happy';
COMMENT ON INDEX users_happy IS 'Only the happy';
ALTER TABLE users CLUSTER ON users_lower;

CREATE TABLE app.memories (
    id serial PRIMARY KEY,
    owner bigint NOT NULL,
    reader bigint,
    number integer DEFAULT nextval('app.tickets'),
    at timestamp(3) DEFAULT now(),
    UNIQUE (id, owner),
    CONSTRAINT memories_owner FOREIGN KEY (owner) REFERENCES users ON DELETE CASCADE ON UPDATE RESTRICT,
    FOREIGN KEY (reader) REFERENCES users (id) MATCH FULL ON DELETE SET NULL DEFERRABLE
);
ALTER TABLE app.memories ADD CONSTRAINT memories_self FOREIGN KEY (number, owner)
    REFERENCES app.memories (id, owner) NOT VALID;
ALTER TABLE app.memories REPLICA IDENTITY USING INDEX memories_id_owner_key;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF at ON app.memories FOR EACH ROW
    WHEN (NEW.number > 0) EXECUTE FUNCTION touch();
COMMENT ON TRIGGER touch ON app.memories IS 'Touches';
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.memories DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE app.memories DISABLE TRIGGER later;
CREATE RULE quiet AS ON DELETE TO app.memories WHERE OLD.number = 1 DO INSTEAD NOTHING;

CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value bytea DEFAULT '\xdeadbeef');
CREATE TABLE logs (LIKE cache INCLUDING ALL, extra integer) INHERITS (cache);
CREATE TABLE typed OF app.place (x WITH OPTIONS NOT NULL);

CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text, memory integer, PRIMARY KEY (id, at),
    CHECK (kind <> ''), FOREIGN KEY (memory) REFERENCES app.memories) PARTITION BY RANGE (at);
CREATE INDEX events_kind ON events (kind);
CREATE TRIGGER partitioned BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE events_2001 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT PARTITION BY HASH (id);
CREATE TABLE events_rest_a PARTITION OF events_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hints (id integer, event bigint, at date, FOREIGN KEY (event, at) REFERENCES events);

CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE distant (id integer NOT NULL) SERVER far OPTIONS (path '/a=b', mode 'it''s');

CREATE VIEW happy WITH (security_barrier) AS
    SELECT id, email, mood FROM users WHERE mood = 'happy' WITH LOCAL CHECK OPTION;
COMMENT ON VIEW happy IS 'The happy ones';
COMMENT ON COLUMN happy.email IS 'Of the happy';
ALTER VIEW happy ALTER COLUMN mood SET DEFAULT 'happy';
CREATE TRIGGER instead INSTEAD OF INSERT ON happy FOR EACH ROW EXECUTE FUNCTION touch();
CREATE MATERIALIZED VIEW app.counts WITH (fillfactor = 50) AS
    SELECT mood, count(*) AS number FROM users GROUP BY mood;
CREATE UNIQUE INDEX counts_mood ON app.counts (mood);
COMMENT ON MATERIALIZED VIEW app.counts IS 'Counted';

-- Names that break whatever does not quote.
CREATE SCHEMA "We.ird ""schema""";
CREATE TYPE "We.ird ""schema"""."En um" AS ENUM ('a,b', '{c}', '"d"', 'e\f', '');
CREATE TABLE "We.ird ""schema"""."Ta'ble, (x)" (
    "Id" integer CONSTRAINT "primary" PRIMARY KEY,
    "select" text DEFAULT E'a\nb',
    "größe" "We.ird ""schema"""."En um" DEFAULT 'a,b',
    "a.b""c'd\e {}, " integer CONSTRAINT "ch""eck" CHECK ("a.b""c'd\e {}, " > 1) UNIQUE,
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" integer
        REFERENCES "We.ird ""schema"""."Ta'ble, (x)"
);
CREATE INDEX "in dex" ON "We.ird ""schema"""."Ta'ble, (x)" ("select", ("a.b""c'd\e {}, " + 1)) INCLUDE ("größe");
COMMENT ON COLUMN "We.ird ""schema"""."Ta'ble, (x)"."select" IS '"'' \ {a,b}';
CREATE FUNCTION "We.ird ""schema"""."f(""n"")"(a "We.ird ""schema"""."En um") RETURNS integer
    LANGUAGE sql AS 'SELECT 1';
