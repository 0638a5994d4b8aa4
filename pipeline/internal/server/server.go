// Package server is the way of a run to its Postgres server: what goes wrong there
// gets the exit code and the hint of a run's errors.
package server

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// Parse reads where the server is, as postgres.ParseTarget does.
func Parse(target string) (*postgres.Target, error) {
	t, err := postgres.ParseTarget(target)
	if err != nil {
		return nil, &pipeline.Error{Err: err, Hint: "give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE", Code: pipeline.ExitUsage}
	}
	return t, nil
}

// Connect opens a connection. s is nil until the server was asked what it is.
func Connect(ctx context.Context, t *postgres.Target, s *postgres.Server) (*pgx.Conn, error) {
	version := 0
	if s != nil {
		version = s.Version
	}
	conn, err := t.Work(ctx, version)
	var ce *postgres.ConnectError
	if errors.As(err, &ce) {
		return nil, &pipeline.Error{Err: err, Hint: ce.Hint, Code: pipeline.ExitFailed}
	}
	return conn, err //nolint:wrapcheck // it says what was tried
}

// Explain tells a server that does not know what we ask, which no supported one
// does, from one that did not answer. nil stays nil.
func Explain(err error) error {
	var known *pipeline.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case strings.HasPrefix(postgres.Code(err), "42"):
		return &pipeline.Error{Err: err, Hint: "litehaul speaks to PostgreSQL 12 or newer", Code: pipeline.ExitRefused}
	}
	return &pipeline.Error{Err: err, Hint: "nothing was written; run again", Code: pipeline.ExitFailed}
}
