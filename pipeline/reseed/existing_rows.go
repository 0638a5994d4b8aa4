package reseed

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// meetRows judges the rows that stand in the tables, and asks before they go.
func (r *run) meetRows(ctx context.Context, conn *pgx.Conn) error {
	homes, byOID := []*catalog.Relation{}, map[uint32]*table{}
	for _, t := range r.fill {
		homes, byOID[t.home.OID] = append(homes, t.home), t
	}
	full, err := catalog.Populated(ctx, conn, homes)
	if err != nil {
		return r.explainLock(ctx, fmt.Errorf("look for rows in the target: %w", err), r.fill)
	}
	if len(full) == 0 {
		r.into.vacant = true
		return nil
	}
	var names []string
	for _, h := range full {
		names = append(names, byOID[h.OID].shown)
	}
	if r.cfg.OnData != pipeline.OnDataTruncate {
		return refuse("empty the archive's tables first with --on-data=truncate, add to the rows with --on-data=append or --on-data=upsert, or name another database",
			"tables of the target hold rows already: %s", phrase.List(names, 8))
	}
	if !r.cfg.Swap { // which has looked for what depends on the tables
		r.checkCascade()
	}
	if r.cfg.Atomic {
		r.checkDeletes()
	}
	if err := r.Refuse(); err != nil {
		return err
	}
	return r.confirm(ctx, names)
}

// confirm asks before rows go.
func (r *run) confirm(ctx context.Context, names []string) error {
	if r.cfg.Confirm != nil {
		ok, err := r.cfg.Confirm(ctx, r.server.Database, names)
		if err != nil || ok {
			return err
		}
	}
	return refuse("type the database's name when asked, or give --yes", "not confirmed: %s stay as they are", phrase.List(names, 8))
}

// checkCascade refuses to empty tables that others reference: TRUNCATE would have
// to empty those too. Keys of tables of the run are taken off.
func (r *run) checkCascade() {
	in := map[uint32]bool{}
	for _, t := range r.tables {
		in[t.home.OID] = true
	}
	for _, t := range r.fill {
		for _, fk := range t.home.ReferencedBy {
			if !in[fk.Table.OID] && fk.Table.Name != rebuild.ControlTable {
				hint := "take that table into the run, or empty both by hand"
				if swap.IsPlace(fk.Table.Schema) {
					hint = "litehaul repair removes what an interrupted run with --swap has left"
				}
				r.hazard(t, "cascade", hint,
					"%s cannot be emptied: table %s.%s, which is not part of the run, references it (%s)",
					t.shown, fk.Table.Schema, fk.Table.Name, fk.Name)
			}
		}
	}
}

// meetUnfinished finds tables that a run has made which did not end: they have
// none of their keys. Once agreed, they are dropped and made again.
func (r *run) meetUnfinished(ctx context.Context, conn *pgx.Conn) (again bool, err error) {
	var oids []uint32
	byOID := map[uint32]*table{}
	for _, t := range r.tables {
		if t.home != nil {
			oids, byOID[t.home.OID] = append(oids, t.home.OID), t
		}
	}
	found, err := rebuild.Unfinished(ctx, conn, oids)
	if err != nil || len(found) == 0 {
		return false, server.Explain(err)
	}
	var names []string
	for _, oid := range found {
		names = append(names, byOID[oid].shown)
	}
	switch {
	case len(found) < len(oids):
		return false, refuse("drop these tables, and run again",
			"a run that did not end has made %s: keys, indexes and foreign keys may be missing", phrase.List(names, 8))
	case r.cfg.OnData != pipeline.OnDataTruncate:
		return false, refuse("--on-data=truncate drops them and makes them again",
			"a run that did not end has made %s: keys, indexes and foreign keys may be missing", phrase.List(names, 8))
	}
	if err := r.readScripts(); err != nil {
		return false, err
	}
	if err := r.confirm(ctx, names); err != nil {
		return false, err
	}
	for _, t := range r.tables {
		t.home = nil
	}
	r.redo = true
	return true, nil
}

// dropSQL drops what a run that did not end has made, as agreed: the archive's own
// objects.
func (r *run) dropSQL() string {
	byKind := map[string][]string{}
	for _, c := range r.creates() {
		byKind[c.kind] = append(byKind[c.kind], postgres.Qualify(c.Schema, c.Name.Name))
	}
	var sql []string
	for _, kind := range []string{"VIEW", "TABLE", "SEQUENCE", "DOMAIN", "TYPE"} {
		if list := byKind[kind]; len(list) > 0 {
			sql = append(sql, "DROP "+kind+" IF EXISTS "+strings.Join(list, ", "))
		}
	}
	return strings.Join(sql, "; ")
}

func explainDrop(err error) error {
	if err == nil {
		return nil
	}
	return refuse("drop by hand what depends on them, and run again", "drop the tables of a run that did not end: %s", postgres.Message(err))
}
