package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// SQLSTATEs that are branched on.
const (
	codeInUse     = "55006" // a database has sessions
	codeDuplicate = "42P04" // a database of that name stands
)

// Versions from which a server has what is asked of it.
const (
	versionForce    = 130000 // DROP DATABASE ... WITH (FORCE)
	versionStrategy = 150000 // CREATE DATABASE ... STRATEGY
)

// admin is the connection to the maintenance database, through which databases
// are made and dropped, and on which the locks are held: they go with it.
type admin struct {
	*pgx.Conn
	maintenance string
	role        string
	version     int
	encoding    string // of template1
}

// enter connects to the maintenance database.
func enter(ctx context.Context, target, maintenance string) (*admin, error) {
	names := []string{maintenance}
	if maintenance == "" {
		names = []string{"postgres", "template1"}
	}
	var first error
	for _, name := range names {
		t, err := postgres.ParseTarget(postgres.WithDatabase(target, name))
		if err != nil {
			return nil, &pipeline.Error{Err: err, Code: pipeline.ExitUsage}
		}
		conn, err := t.Connect(ctx)
		var ce *postgres.ConnectError
		switch {
		case err == nil:
			return prepare(ctx, conn, name)
		case !errors.As(err, &ce):
			return nil, err //nolint:wrapcheck // of ctx
		}
		if first == nil {
			first = &pipeline.Error{Err: err, Hint: ce.Hint, Code: pipeline.ExitRefused}
		}
		if !ce.Credential {
			break // no server, whatever the database
		}
	}
	return nil, first
}

// prepare makes the session one that may wait long, and asks who we are.
func prepare(ctx context.Context, conn *pgx.Conn, name string) (*admin, error) {
	a := &admin{Conn: conn, maintenance: name}
	creates := false
	err := conn.QueryRow(ctx, `
SELECT current_user::text, current_setting('server_version_num')::int,
       (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),
       (SELECT pg_encoding_to_char(encoding)::text FROM pg_database WHERE datname = 'template1')
FROM (SELECT count(set_config(name, '0', false)) FROM pg_settings
      WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout',
                   'client_connection_check_interval')) s`).Scan(&a.role, &a.version, &creates, &a.encoding)
	switch {
	case err != nil:
		err = failed(err, "ask the server what it allows")
	case a.version < postgres.MinVersion:
		err = refused("", "the server is older than PostgreSQL %d", postgres.MinVersion/10000)
	case !creates:
		err = refused(fmt.Sprintf("a superuser allows it: ALTER ROLE %s CREATEDB", quote(a.role)),
			"role %s may not create databases", a.role)
	}
	if err != nil {
		a.leave(ctx)
		return nil, err
	}
	return a, nil
}

// leave closes the connection, and so gives up its locks.
func (a *admin) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	_ = a.Close(ctx) // what the server has of it ends by itself
}

// leaveTimeout bounds what is done after a run was cancelled.
const leaveTimeout = 30 * time.Second

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal writes a string constant: standard_conforming_strings is on.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// do runs one statement.
func (a *admin) do(ctx context.Context, format string, args ...any) error {
	_, err := a.Exec(ctx, fmt.Sprintf(format, args...))
	return err //nolint:wrapcheck // the caller knows what it was doing
}

// mark writes a marker as the database's comment.
func (a *admin) mark(ctx context.Context, name string, m marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("mark database %s: %w", name, err)
	}
	return a.do(ctx, "COMMENT ON DATABASE %s IS %s", quote(name), literal(string(text)))
}

// drop drops a database with whoever is in it.
func (a *admin) drop(ctx context.Context, name string) error {
	if err := a.do(ctx, "ALTER DATABASE %s IS_TEMPLATE false", quote(name)); err != nil {
		return failed(err, "drop database %s", name)
	}
	if err := a.do(ctx, "DROP DATABASE %s%s", quote(name), a.force()); err != nil {
		return failed(err, "drop database %s", name)
	}
	return nil
}

// force is the clause with which a database goes with whoever is in it.
func (a *admin) force() string {
	if a.version < versionForce {
		return ""
	}
	return " WITH (FORCE)"
}

// hold is an advisory lock.
type hold struct {
	name   string
	shared bool
}

func (h hold) call(what string) string {
	if h.shared {
		what += "_shared"
	}
	return fmt.Sprintf("SELECT %s(%d)", what, lockKey(h.name))
}

// take waits for a lock, and says how long.
func (a *admin) take(ctx context.Context, h hold) (waited float64, err error) {
	start := time.Now()
	if err := a.do(ctx, "%s", h.call("pg_advisory_lock")); err != nil {
		return 0, failed(err, "wait for other runs that use database %s", h.name)
	}
	return seconds(start), nil
}

// try takes a lock if nobody else has it.
func (a *admin) try(ctx context.Context, h hold) (ok bool, err error) {
	if err := a.QueryRow(ctx, h.call("pg_try_advisory_lock")).Scan(&ok); err != nil {
		return false, failed(err, "see whether database %s is in use", h.name)
	}
	return ok, nil
}

// release gives a lock up.
func (a *admin) release(ctx context.Context, h hold) error {
	if err := a.do(ctx, "%s", h.call("pg_advisory_unlock")); err != nil {
		return failed(err, "give up the lock of database %s", h.name)
	}
	return nil
}
