package pgserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// DatabaseOptions say how a database is made. Empty fields leave the choice to
// Postgres.
type DatabaseOptions struct {
	Owner    string // role
	Template string // database to copy; needed are template0 for another Encoding or Locale
	Encoding string // such as "UTF8" or "SQL_ASCII"
	Locale   string // such as "C.UTF-8"
}

// CreateDatabase makes a database.
func (s *Server) CreateDatabase(ctx context.Context, name string, opts DatabaseOptions) error {
	var sql strings.Builder
	sql.WriteString("CREATE DATABASE " + Quote(name))
	for _, clause := range []struct{ words, value string }{
		{"OWNER", Quote(opts.Owner)},
		{"TEMPLATE", Quote(opts.Template)},
		{"ENCODING", literal(opts.Encoding)},
		{"LOCALE", literal(opts.Locale)},
	} {
		if len(clause.value) > len(`""`) {
			sql.WriteString(" " + clause.words + " " + clause.value)
		}
	}
	return s.Exec(ctx, sql.String())
}

// DropDatabase removes a database, ending the sessions in it. A database that
// is not there is no error.
func (s *Server) DropDatabase(ctx context.Context, name string) error {
	return s.Exec(ctx, "DROP DATABASE IF EXISTS "+Quote(name)+" WITH (FORCE)")
}

// Exec runs SQL as the superuser in database postgres.
func (s *Server) Exec(ctx context.Context, sql string) error {
	conn, err := pgconn.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private server: %w", err)
	}
	_, err = conn.Exec(ctx, sql).ReadAll()
	if closeErr := conn.Close(ctx); err == nil && closeErr != nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Quote returns name as an SQL identifier.
func Quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal returns text as an SQL string. Valid because the server runs with
// standard_conforming_strings on, which is Postgres' default.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
