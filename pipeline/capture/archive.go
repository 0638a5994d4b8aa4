package capture

import (
	"context"
	"fmt"
	"slices"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/graph"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/pipeline"
)

// openArchive begins the archive.
func (r *run) openArchive() error {
	level, err := fixture.ParseLevel(r.cfg.Fixture.Level)
	if err != nil {
		return err
	}
	head := fixture.Head{
		Tool: "litehaul " + buildinfo.Version(), Source: r.server.Database,
		Postgres: fixture.Servers{Min: r.defs.MinMajor, Max: max(postgres.MaxVersion, r.server.Version) / 10000},
		PreSQL:   text(r.defs.Before),
	}
	levels := graph.Levels(r.tables, func(t *table) []*table { return t.parents })
	for _, t := range r.tables {
		def := t.def()
		def.Level = levels[t]
		head.Tables = append(head.Tables, def)
	}
	if r.archive, err = fixture.Create(r.cfg.Fixture.Path, head, fixture.Options{Level: level}); err != nil {
		return &pipeline.Error{Err: err, Hint: nothingWritten, Code: pipeline.ExitFailed}
	}
	for i, t := range r.tables {
		if err := r.archive.EndTable(i, len(t.where)); err != nil {
			return err
		}
	}
	return nil
}

// closeArchive writes what stands behind the rows; the archive is then there.
func (r *run) closeArchive(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	after := append(slices.Clone(r.defs.After), r.after...)
	tail := fixture.Tail{}
	for _, t := range r.tables {
		after = append(after, "ANALYZE "+t.qualified())
		tail.Identities = append(tail.Identities, t.identities)
	}
	tail.PostSQL = text(after)
	res, err := r.archive.Close(tail)
	if err != nil {
		return fmt.Errorf("write %s: %w", r.cfg.Fixture.Path, err)
	}
	r.Report.Fixture = &pipeline.FixtureReport{Path: r.cfg.Fixture.Path, Bytes: res.Size, ID: res.ID}
	r.Report.Fixture.Chunks, r.Report.Fixture.Raw = res.Manifest.Totals()
	for i, t := range r.tables {
		t.digest = res.Manifest.Tables[i].Digest
	}
	return nil
}

// text writes one of the archive's two SQL files. Bodies of functions are not
// looked into, because what they name may be made later.
func text(statements []string) string {
	w := script.NewWriter("pg_catalog")
	w.Add("SET LOCAL check_function_bodies = off")
	for _, sql := range statements {
		w.Add(sql)
	}
	return w.String()
}
