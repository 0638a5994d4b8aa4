package pipeline

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap/framework"
)

// checkSeeds refuses to leave a seeded table behind while its children move,
// unless both sides have its rows under the same ids: the children's references
// would mean other rows.
func (r *run) checkSeeds(ctx context.Context, conn *pgx.Conn) error {
	in := map[*sourceTable]bool{}
	for _, t := range r.tables {
		in[t.src] = true
	}
	for _, f := range r.into.found {
		for _, seed := range f.Seeds {
			left := r.schema.Table(seed.Table)
			if left == nil || in[left] {
				continue
			}
			children := r.childrenOf(left)
			if len(children) == 0 {
				continue
			}
			agree, err := r.seedAgrees(ctx, conn, left, seed)
			if err != nil {
				return err
			}
			if agree {
				continue
			}
			for _, t := range children {
				r.homeHazard(t, "seed-left", "take it into the run, or leave this table behind as well",
					"%s refers to rows of %s, which is left behind and has other ids in the target, where %s has filled it",
					t.src.Name, left.Name, f.Name)
			}
		}
	}
	return nil
}

// childrenOf lists the tables of the run that refer to a table.
func (r *run) childrenOf(parent *sourceTable) (out []*table) {
	for _, t := range r.tables {
		if slices.ContainsFunc(t.src.ForeignKeys, func(fk *schema.ForeignKey) bool { return strings.EqualFold(fk.Parent, parent.Name) }) {
			out = append(out, t)
		}
	}
	return out
}

// seedAgrees tells whether the target has each of the source's rows of a seeded
// table, under the same id.
func (r *run) seedAgrees(ctx context.Context, conn *pgx.Conn, src *sourceTable, seed framework.Seed) (bool, error) {
	home, rivals := byName(src.Name, r.into.catalog.Relations, func(rel *catalog.Relation) string { return rel.Name })
	if home == nil || rivals != nil || src.PrimaryKey == nil {
		return false, nil
	}
	var columns []string
	for _, c := range keyIndexes(src.PrimaryKey) {
		columns = append(columns, src.Columns[c].Name)
	}
	for _, k := range seed.Key {
		columns = append(columns, k.Column)
	}
	here, err := r.bookRows(ctx, &table{src: src}, columns)
	if err != nil || here == nil {
		return false, err
	}
	there, err := r.homeBookRows(ctx, conn, home, columns)
	if err != nil || there == nil {
		return false, err
	}
	return len(minus(here, there)) == 0, nil
}
