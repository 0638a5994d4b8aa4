package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// A table that --create-missing makes gets its keys, indexes and foreign keys
// after its rows. Until then its comment says so: a run that was killed leaves a
// table behind that the next one would take for the application's own.

// markMade gives what follows CREATE TABLE.
func (r *run) markMade(t *table) string {
	if r.into == nil {
		return ""
	}
	return "; " + rebuild.MarkUnfinished(r.qualified(t))
}

// finishMade takes the marks off, all at once.
func (r *run) finishMade(ctx context.Context) error {
	var sql []string
	for _, t := range r.own() {
		sql = append(sql, rebuild.MarkFinished(r.qualified(t)))
	}
	if len(sql) == 0 {
		return nil
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if err := exec(ctx, conn, "BEGIN; "+strings.Join(sql, "; ")+"; COMMIT"); err != nil {
		return fmt.Errorf("take the marks off tables that are made: %w", err)
	}
	return nil
}

// unfinished finds the tables that a run has made which did not end.
func (r *run) unfinished(ctx context.Context, conn *pgx.Conn) (map[uint32]bool, error) {
	var oids []uint32
	for _, t := range r.homes() {
		oids = append(oids, t.home.OID)
	}
	found, err := rebuild.Unfinished(ctx, conn, oids)
	if err != nil {
		return nil, explainServer(err)
	}
	out := map[uint32]bool{}
	for _, oid := range found {
		out[oid] = true
	}
	return out, nil
}

// refuseUnfinished refuses to fill such a table, which has none of its keys.
func (r *run) refuseUnfinished(t *table) {
	r.homeHazard(t, "unfinished", fmt.Sprintf("DROP TABLE %s CASCADE, and run again with --create-missing", r.qualified(t)),
		"%s was made by a run with --create-missing that did not end: keys, indexes and foreign keys may be missing", place(t.home))
}
