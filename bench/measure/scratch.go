package measure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// Mode is what a place is.
type Mode string

// The modes. ModeAuto is a database where the role may make and enter one, and
// a schema where not.
const (
	ModeAuto     Mode = "auto"
	ModeDatabase Mode = "database"
	ModeSchema   Mode = "schema"
)

// Place is an empty place on the server, made for one run.
type Place struct {
	Target string // connection string
	Schema string

	name string
}

// Prefix begins the name of every place, so that one that was left behind by a
// killed program is known by it.
const Prefix = "litehaul_bench_"

// RefusedError is a server or role with which nothing can be measured. Nothing
// was made.
type RefusedError struct {
	Err  error
	Hint string
}

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// scratch makes places and removes them.
type scratch struct {
	target string
	parsed *postgres.Target
	server Server
	notes  []string
	create string // what follows the name in CREATE DATABASE
	force  bool   // DROP DATABASE can end sessions
}

// openScratch finds out what a place can be.
func openScratch(ctx context.Context, target string, mode Mode) (*scratch, error) {
	parsed, err := postgres.ParseTarget(target)
	if err != nil {
		return nil, &RefusedError{err, "give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE"}
	}
	s := &scratch{target: target, parsed: parsed, server: Server{Host: parsed.Host(), Settings: map[string]string{}}}
	var databases, schemas bool
	if err := s.with(ctx, func(conn *pgx.Conn) error { return s.ask(ctx, conn, &databases, &schemas) }); err != nil {
		return nil, err
	}
	if mode != ModeSchema {
		err := errors.New("the role may not make databases")
		if databases {
			err = s.try(ctx)
		}
		switch {
		case err == nil:
			return s, nil
		case ctx.Err() != nil:
			return nil, err
		case mode == ModeDatabase:
			return nil, &RefusedError{fmt.Errorf("no scratch database: %w", err), "ALTER ROLE " + postgres.Quote(parsed.User()) + " CREATEDB, or measure as a role that may"}
		}
		s.notes = append(s.notes, fmt.Sprintf("each run gets a schema, not a database of its own: %v", err))
	}
	s.server.Scratch = ModeSchema
	if !schemas {
		return nil, &RefusedError{
			fmt.Errorf("role %s may make neither databases nor schemas here", parsed.User()),
			fmt.Sprintf("ALTER ROLE %[2]s CREATEDB, or GRANT CREATE ON DATABASE %[1]s TO %[2]s", postgres.Quote(parsed.Database()), postgres.Quote(parsed.User())),
		}
	}
	return s, nil
}

// settingsOf are those that decide how fast a server takes rows.
var settingsOf = []string{
	"fsync", "full_page_writes", "maintenance_work_mem", "max_parallel_maintenance_workers", "max_wal_size",
	"shared_buffers", "synchronous_commit", "wal_compression", "wal_level",
}

// serverQuery asks for what a role may do and for how the database was made:
// locale and encoding decide how long its indexes take. The names of the columns
// for the provider differ between versions.
const serverQuery = `
SELECT current_setting('server_version'), current_setting('server_version_num')::int >= 130000,
  (SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user),
  has_database_privilege(current_database(), 'CREATE'),
  pg_encoding_to_char(d.encoding), d.datcollate, coalesce(d.datctype, ''),
  coalesce(j->>'datlocprovider', 'c'), coalesce(j->>'datlocale', j->>'daticulocale', ''),
  (SELECT array_agg(coalesce(current_setting(name, true), '') ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS s(name, n))
FROM pg_database d, to_jsonb(d) AS j WHERE d.datname = current_database()`

func (s *scratch) ask(ctx context.Context, conn *pgx.Conn, databases, schemas *bool) error {
	var encoding, collate, ctype, provider, locale string
	var settings []string
	err := conn.QueryRow(ctx, serverQuery, settingsOf).Scan(&s.server.Version, &s.force, databases, schemas,
		&encoding, &collate, &ctype, &provider, &locale, &settings)
	if err != nil {
		return fmt.Errorf("ask the server what it allows: %w", err)
	}
	if err := s.askLeft(ctx, conn); err != nil {
		return err
	}
	for i, name := range settingsOf {
		s.server.Settings[name] = settings[i]
	}
	clauses := []string{
		"", "TEMPLATE template0", "ENCODING " + postgres.Literal(encoding),
		"LC_COLLATE " + postgres.Literal(collate), "LC_CTYPE " + postgres.Literal(ctype),
	}
	switch provider {
	case "i":
		clauses = append(clauses, "LOCALE_PROVIDER icu", "ICU_LOCALE "+postgres.Literal(locale))
	case "b":
		clauses = append(clauses, "LOCALE_PROVIDER builtin", "BUILTIN_LOCALE "+postgres.Literal(locale))
	}
	s.create = strings.Join(clauses, " ")
	return nil
}

// leftQuery finds scratch databases of this role in which nobody is.
const leftQuery = `
SELECT datname FROM pg_database d
WHERE datname LIKE $1 AND pg_get_userbyid(datdba) = current_user
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
ORDER BY 1`

// askLeft tells of what programs that were killed have left behind.
func (s *scratch) askLeft(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, leftQuery, strings.ReplaceAll(Prefix, "_", `\_`)+"%")
	if err != nil {
		return fmt.Errorf("look for scratch databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for scratch databases: %w", err)
	}
	for _, name := range names {
		s.notes = append(s.notes, "a benchmark that was killed, or runs at this moment, has left: DROP DATABASE "+postgres.Quote(name))
	}
	return nil
}

// try makes a database, enters it and removes it. The rules for who may enter
// (pg_hba.conf, a pooler, ~/.pgpass) may name databases.
func (s *scratch) try(ctx context.Context) error {
	s.server.Scratch = ModeDatabase
	place, err := s.make(ctx)
	if err != nil {
		return err
	}
	target, err := postgres.ParseTarget(place.Target)
	if err == nil {
		var conn *pgx.Conn
		if conn, err = target.Connect(ctx); err == nil {
			err = conn.Close(ctx)
		}
	}
	return errors.Join(err, lasting(ctx, func(ctx context.Context) error { return s.remove(ctx, place) }))
}

// make makes a place.
func (s *scratch) make(ctx context.Context) (Place, error) {
	p := Place{Target: s.target, name: Prefix + strings.ToLower(rand.Text()[:10])}
	sql := "CREATE SCHEMA " + postgres.Quote(p.name)
	p.Schema = p.name
	if s.server.Scratch == ModeDatabase {
		p.Target = postgres.WithDatabase(s.target, p.name)
		p.Schema, sql = "public", "CREATE DATABASE "+postgres.Quote(p.name)+s.create
	}
	if err := s.exec(ctx, sql); err != nil {
		// Cut off while it was made, it may be there all the same.
		if ctx.Err() != nil {
			err = errors.Join(err, lasting(ctx, func(ctx context.Context) error { return s.remove(ctx, p) }))
		}
		return p, fmt.Errorf("make a scratch %s: %w", s.server.Scratch, err)
	}
	return p, nil
}

// A session of a run that was stopped may take a moment to end: servers before
// Postgres 13 are asked again.
const (
	removeTries = 20
	removePause = 250 * time.Millisecond
	codeInUse   = "55006"
)

// remove removes a place with all that is in it.
func (s *scratch) remove(ctx context.Context, p Place) error {
	sql := "DROP SCHEMA IF EXISTS " + postgres.Quote(p.name) + " CASCADE"
	if s.server.Scratch == ModeDatabase {
		sql = "DROP DATABASE IF EXISTS " + postgres.Quote(p.name)
		if s.force {
			sql += " WITH (FORCE)"
		}
	}
	var err error
	for range removeTries {
		if err = s.exec(ctx, sql); postgres.Code(err) != codeInUse {
			break
		}
		time.Sleep(removePause)
	}
	if err != nil {
		return &LeftError{s.server.Scratch, p.name, sql, err}
	}
	return nil
}

// checkpoint has the server write what is still to be written from before, so
// that no run pays for the one before it. A role that may not ask for it
// measures without: dropping a database makes one too.
func (s *scratch) checkpoint(ctx context.Context) { _ = s.exec(ctx, "CHECKPOINT") }

func (s *scratch) exec(ctx context.Context, sql string) error {
	return s.with(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql)
		return err
	})
}

// with runs do on a connection of its own, in the user's database.
func (s *scratch) with(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := s.parsed.Connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}

// LeftError is a place that could not be removed.
type LeftError struct {
	Mode Mode
	Name string
	SQL  string // that removes it
	Err  error
}

func (e *LeftError) Error() string {
	return fmt.Sprintf("remove scratch %s %s, which is still there: %v", e.Mode, e.Name, e.Err)
}

// Unwrap gives the cause.
func (e *LeftError) Unwrap() error { return e.Err }
