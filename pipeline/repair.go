package pipeline

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// Repair puts back the indexes, foreign keys and triggers that interrupted runs
// have left off the tables of a schema, or of all schemas where cfg names none,
// and gives the names of those that it put back, also when err tells of others.
// Only Target, Schema and Log of cfg count. It connects as the role that ran the
// load: no other may have its statements run.
func Repair(ctx context.Context, cfg Config) (done []string, err error) {
	r, err := newRun(cfg)
	if err != nil {
		return nil, err
	}
	if err := r.openTarget(ctx); err != nil {
		return nil, err
	}
	if !r.server.SchemaExists {
		return nil, &Error{
			Err:  fmt.Errorf("there is no schema %q in database %s", r.cfg.Schema, r.server.Database),
			Hint: "name the schema of the tables with --schema", Code: ExitRefused,
		}
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeConn(ctx, conn)
	schemas, err := brokenSchemas(ctx, conn, cfg.Schema)
	if err != nil || len(schemas) == 0 {
		return nil, err
	}
	lock, err := rebuild.Acquire(ctx, conn, schemas...)
	if err != nil {
		return nil, explainRebuild(err)
	}
	work, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeConn(ctx, work)
	items, err := rebuild.Pending(ctx, work, schemas...)
	if err != nil {
		return nil, explainRebuild(err)
	}
	if done, err = r.putBack(ctx, work, items); err != nil {
		return done, &Error{
			Err: err, Code: ExitFailed,
			Hint: "where rows are missing because the load did not end, run it again with --on-data=truncate: that puts back what is left; or mend the rows, and run litehaul repair again",
		}
	}
	if err := rebuild.Clear(ctx, work, schemas...); err != nil {
		return done, explainRebuild(err)
	}
	return done, lock.Release(ctx)
}

// brokenSchemas lists the schemas to put something back in: the one that the
// user names, or all in which something is off.
func brokenSchemas(ctx context.Context, conn *pgx.Conn, named string) ([]string, error) {
	if named != "" {
		return []string{named}, nil
	}
	return rebuild.Schemas(ctx, conn)
}
