package reseed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/pipeline"
)

// openTarget connects once and asks what the server and the role allow.
func (r *run) openTarget(ctx context.Context) error {
	target, err := postgres.ParseTarget(r.cfg.Target)
	if err != nil {
		return &pipeline.Error{Err: err, Hint: "give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE", Code: pipeline.ExitUsage}
	}
	r.target = target
	target.OnWarning(r.hear)
	schemas := r.schemas()
	r.rep.Target = pipeline.Target{Host: target.Host(), Database: target.Database(), User: target.User(), Schema: strings.Join(schemas, ", ")}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if r.server, err = postgres.Inspect(ctx, conn, "public"); err != nil {
		return explainServer(err)
	}
	r.rep.Target.Database, r.rep.Target.User, r.rep.Target.Version = r.server.Database, r.server.User, r.server.VersionText
	if problem, hint := r.server.Unfit(); problem != "" {
		return refuse(hint, "%s", problem)
	}
	if err := r.fitsServer(); err != nil {
		return err
	}
	for _, name := range schemas {
		if strings.HasPrefix(name, "pg_") || name == "information_schema" {
			return refuse("do not restore it", "the archive has tables in schema %q, which belongs to Postgres itself", name)
		}
	}
	r.catalog, err = catalog.Read(ctx, conn, schemas...)
	return explainServer(err)
}

// schemas lists those of the archive's selected tables.
func (r *run) schemas() []string {
	var out []string
	for _, t := range r.tables {
		out = append(out, t.Schema)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fitsServer refuses servers that the archive is not for, and notes those that
// nobody could know when it was written.
func (r *run) fitsServer() error {
	fit := r.archive.Manifest().Postgres
	switch major := r.server.Version / 10000; {
	case major < fit.Min:
		return refuse(fmt.Sprintf("use PostgreSQL %d or newer", fit.Min), "the server is PostgreSQL %s, and the archive is for %d to %d", r.server.VersionText, fit.Min, fit.Max)
	case major > fit.Max:
		r.note(fmt.Sprintf("the server is PostgreSQL %s, newer than those that the archive was made for (%d to %d)", r.server.VersionText, fit.Min, fit.Max))
	}
	return nil
}

func refuse(hint, format string, args ...any) error {
	return &pipeline.Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: pipeline.ExitRefused}
}

// explainServer tells a server that does not know what we ask, which no supported
// one does, from one that did not answer. nil stays nil.
func explainServer(err error) error {
	var known *pipeline.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case strings.HasPrefix(postgres.Code(err), "42"):
		return &pipeline.Error{Err: err, Hint: "litehaul speaks to PostgreSQL 12 or newer", Code: pipeline.ExitRefused}
	}
	return &pipeline.Error{Err: err, Hint: "nothing was written; run again", Code: pipeline.ExitFailed}
}
