package reseed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// openTarget connects once and asks what the server and the role allow.
func (r *run) openTarget(ctx context.Context) error {
	target, err := server.Parse(r.cfg.Target)
	if err != nil {
		return err
	}
	r.target = target
	target.OnWarning(r.hear)
	schemas := r.schemas()
	r.Report.Target = pipeline.Target{Host: target.Host(), Database: target.Database(), User: target.User(), Schema: strings.Join(schemas, ", ")}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if r.server, err = postgres.Inspect(ctx, conn, "public"); err != nil {
		return server.Explain(err)
	}
	r.Report.Target.Database, r.Report.Target.User, r.Report.Target.Version = r.server.Database, r.server.User, r.server.VersionText
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
	return server.Explain(err)
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
		r.Note(fmt.Sprintf("the server is PostgreSQL %s, newer than those that the archive was made for (%d to %d)", r.server.VersionText, fit.Min, fit.Max))
	}
	return nil
}

func refuse(hint, format string, args ...any) error {
	return &pipeline.Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: pipeline.ExitRefused}
}
