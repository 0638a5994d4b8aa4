package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A session that we have just left may still count against the limit.
const (
	connectTries = 10
	connectPause = 100 * time.Millisecond
)

// noIdleTimeout is the first version that ends sessions for being idle.
const noIdleTimeout = 140000

// Work opens a connection for a worker of a run: it waits a moment for a free
// one, and may be idle as long as it likes. version is the server's.
func (t *Target) Work(ctx context.Context, version int) (*pgx.Conn, error) {
	conn, err := t.Connect(ctx)
	for try := 1; try < connectTries && Code(err) == CodeTooManyConns; try++ {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(connectPause):
			conn, err = t.Connect(ctx)
		}
	}
	if err == nil && version >= noIdleTimeout {
		// A worker may wait long for the tasks before its own.
		if err := Exec(ctx, conn, "SET idle_session_timeout = 0"); err != nil {
			Close(ctx, conn)
			return nil, fmt.Errorf("set up a session: %w", err)
		}
	}
	return conn, err
}

// OnWarning has f hear the warnings that the server sends over connections made
// from now on.
func (t *Target) OnWarning(f func(message string)) {
	t.config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			f(n.Message)
		}
	}
}

// Exec runs statements that give no rows, all in one round trip.
func Exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err //nolint:wrapcheck // the caller knows what it runs
}

// Close says goodbye to the server, within a moment also when ctx has ended.
func Close(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing to do about it
	select {
	case <-conn.PgConn().CleanupDone(): // a cancelled statement is told to the server
	case <-ctx.Done():
	}
}

// Begin writes the start of a transaction of a run, with settings that hold
// whatever the role's own defaults are. They are local to the transaction, so that
// a pooler may hand the session to others afterwards. Statements of a run are
// large and simple: compiling them costs more than it wins. path, "" or a
// statement that ends with a semicolon and a blank, sets the search_path.
func Begin(version int, path string) string {
	return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " + path + Settings(version)
}

// Settings are those of Begin.
func Settings(version int) string {
	sql := "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; " +
		"SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL synchronous_commit = off; SET LOCAL jit = off"
	if version >= 170000 {
		sql += "; SET LOCAL transaction_timeout = 0"
	}
	return sql
}

// Fatal tells errors of the server or connection from a statement that Postgres
// does not accept: classes 08, 40, 53, 57, 58 and XX, and what has no SQLSTATE
// at all.
func Fatal(err error) bool {
	code := Code(err)
	if len(code) < 2 {
		return true
	}
	switch code[:2] {
	case "08", "40", "53", "57", "58", "XX":
		return true
	}
	return false
}

// Unfit says what keeps the server or database from holding any data, and what
// to do about it; both are "" where nothing does.
func (s *Server) Unfit() (problem, hint string) {
	switch {
	case s.Version < MinVersion:
		return "the server is PostgreSQL " + s.VersionText, "use PostgreSQL 12 or newer"
	case s.Encoding != "UTF8":
		return fmt.Sprintf("database %s has the encoding %s, which cannot hold all text", s.Database, s.Encoding),
			"make a database with createdb --encoding=UTF8 --template=template0"
	case s.ReadOnly:
		return fmt.Sprintf("database %s is read-only (a standby, or by its settings)", s.Database),
			"connect to the primary, or set default_transaction_read_only = off"
	}
	return "", ""
}

// maxBuildMem bounds what one index build is given: more was not faster for
// 3.0 M rows, nor is it for the merge of more than that.
const maxBuildMem = 1 << 30

// BuildMem is what a build or a validation may use, in bytes, where so many work
// at once: a share of what the server's settings say about its memory, and not
// less than the server's own setting.
func (s *Server) BuildMem(jobs int) int64 {
	// An untuned server has the small default of shared_buffers beside an
	// effective_cache_size that nobody has looked at.
	total := min(s.CacheSize/4, 4*s.SharedBuffers)
	return max(s.MaintenanceMem, min(maxBuildMem, total/int64(jobs)))
}

// BuildSettings gives the statements of a transaction the memory of a build, and
// parallel workers where share tells that connections are idle. A server whose
// owner forbids parallel maintenance is left with that.
func (s *Server) BuildSettings(jobs, share int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SET LOCAL maintenance_work_mem = '%dkB'; ", s.BuildMem(jobs)>>10)
	if s.MaxParallelMaintenance > 0 {
		fmt.Fprintf(&b, "SET LOCAL max_parallel_maintenance_workers = %d; ", min(share-1, s.MaxParallel))
	}
	return b.String()
}

// Flush has all that was committed so far on the server's disk, also what did not
// wait for it: a commit that does wait brings along what the log has before it. It
// must have written something itself, or the server sees nothing to wait for.
func Flush(ctx context.Context, conn *pgx.Conn) error {
	const begin = "BEGIN; SET LOCAL synchronous_commit = on; "
	err := Exec(ctx, conn, begin+"SELECT pg_catalog.pg_logical_emit_message(true, 'litehaul', ''); COMMIT")
	if Code(err) != CodePrivilege {
		return err
	}
	// Everybody may call that function, unless somebody has taken the right away.
	if err := Exec(ctx, conn, "ROLLBACK"); err != nil {
		return err
	}
	return Exec(ctx, conn, begin+"CREATE TEMPORARY TABLE litehaul_flush () ON COMMIT DROP; COMMIT")
}
