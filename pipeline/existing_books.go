package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// compareBooks finds out whether source and target stand at the same
// migrations: a target of another version of the application has other columns,
// or the same columns with another meaning.
func (r *run) compareBooks(ctx context.Context, conn *pgx.Conn) error {
	for _, t := range r.into.books {
		book, _ := r.into.found.Leave(t.src.Name)
		if t.home == nil || book.Compare == "" || book.PerEngine {
			continue
		}
		if err := r.compareBook(ctx, conn, t, book); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) compareBook(ctx context.Context, conn *pgx.Conn, t *table, book framework.Book) error {
	here, err := r.bookRows(ctx, t, book.CompareColumns())
	if err != nil || here == nil {
		return err
	}
	there, err := r.homeBookRows(ctx, conn, t.home, book.CompareColumns())
	if err != nil || there == nil {
		return err
	}
	onlyHere, onlyThere := minus(here, there), minus(there, here)
	if len(onlyHere)+len(onlyThere) == 0 {
		return nil
	}
	var parts []string
	if len(onlyHere) > 0 {
		parts = append(parts, "only the source has "+phrase.List(onlyHere, 5))
	}
	if len(onlyThere) > 0 {
		parts = append(parts, "only the target has "+phrase.List(onlyThere, 5))
	}
	h := Hazard{
		Code: "schema-skew", Table: t.src.Name, Count: int64(len(onlyHere) + len(onlyThere)),
		Message: fmt.Sprintf("source and target stand at different migrations (%s): %s", t.src.Name, strings.Join(parts, "; ")),
		Hint:    "run the same version of the application on both and its migrations to the end, or go on with --allow-schema-skew",
	}
	if r.cfg.AllowSkew {
		h.Settled = "--allow-schema-skew"
	}
	r.hazard(h)
	return nil
}

// minus lists what a has and b lacks, sorted.
func minus(a, b map[string]bool) []string {
	var out []string
	for x := range a {
		if !b[x] {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return out
}

// maxBookRows bounds what is compared: no application has that many migrations.
const maxBookRows = 100_000

// bookRows reads the source's rows of some columns as texts; nil where it lacks
// one of the columns.
func (r *run) bookRows(ctx context.Context, t *table, columns []string) (map[string]bool, error) {
	var at []int
	for _, name := range columns {
		i := t.src.Column(name)
		if i < 0 {
			return nil, nil //nolint:nilnil // nothing to compare
		}
		at = append(at, i)
	}
	reader, err := r.snap.OpenReader(ctx, sqlite.TableUnit(t.src))
	if err != nil {
		return nil, r.sourceError(ctx, t, err)
	}
	out := map[string]bool{}
	err = r.scanRows(ctx, t, reader, func(_ int64, vals []row.Value) error {
		var parts []string
		for _, i := range at {
			if vals[i].Class == row.Text {
				parts = append(parts, string(vals[i].Bytes))
			} else {
				parts = append(parts, typemap.Show(&vals[i]))
			}
		}
		if len(out) < maxBookRows {
			out[strings.Join(parts, ".")] = true
		}
		return nil
	})
	return out, err
}

// homeBookRows reads the same of the target.
func (r *run) homeBookRows(ctx context.Context, conn *pgx.Conn, home *catalog.Relation, columns []string) (map[string]bool, error) {
	if !home.Rights.Has(catalog.Select) {
		return nil, nil //nolint:nilnil // not for this role to see
	}
	var parts []string
	for _, name := range columns {
		c, rivals := byName(name, home.Columns, func(c *catalog.Column) string { return c.Name })
		if c == nil || rivals != nil {
			return nil, nil //nolint:nilnil // nothing to compare
		}
		parts = append(parts, postgres.Quote(c.Name)+"::text")
	}
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT concat_ws('.', %s) FROM %s LIMIT %d",
		strings.Join(parts, ", "), postgres.Qualify(home.Schema, home.Name), maxBookRows))
	if err != nil {
		return nil, fmt.Errorf("read %s of the target: %w", home.Name, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read %s of the target: %w", home.Name, err)
	}
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out, nil
}
