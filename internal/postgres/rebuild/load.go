package rebuild

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// ManyRows is from how many rows on a table's secondary indexes are dropped for a
// load and built again: below, keeping them up to date is quicker than the round
// trips.
const ManyRows = 20_000

// Truncate empties tables, which may reference each other, and leaves those alone
// that inherit from them. Their names are quoted.
func Truncate(tables []string) string { return "TRUNCATE ONLY " + strings.Join(tables, ", ONLY ") }

// BuildSettings are those under which an index is built again, where so many
// connections work and share of them are idle (see postgres.Server.BuildSettings).
func BuildSettings(s *postgres.Server, jobs, share int) []Setting {
	out := []Setting{
		{Name: "statement_timeout", Value: "0"},
		{Name: "lock_timeout", Value: "0"},
		{Name: "maintenance_work_mem", Value: fmt.Sprintf("%dkB", s.BuildMem(jobs)>>10)},
	}
	if s.MaxParallelMaintenance > 0 {
		out = append(out, Setting{Name: "max_parallel_maintenance_workers", Value: fmt.Sprint(min(share-1, s.MaxParallel))})
	}
	return out
}

// Divide tells of what an earlier run has left off what waits for the rows of a
// load: all that belongs to its own tables, but for foreign keys that stand, and
// only were not valid.
func Divide(earlier []Item, own func(schema, table string) bool) (now, later []Item) {
	for _, item := range earlier {
		if item.Created || !own(item.Schema, item.Table) {
			now = append(now, item)
		} else {
			later = append(later, item)
		}
	}
	return now, later
}

// RestorePending puts back what is off in some schemas, as far as that can be
// done, and tells how much is left; err says why.
func RestorePending(ctx context.Context, conn *pgx.Conn, schemas []string, settings ...Setting) (left int, err error) {
	items, err := Pending(ctx, conn, schemas...)
	if err != nil {
		return 0, err
	}
	done, err := RestoreAll(ctx, conn, items, settings...)
	if err != nil {
		return len(items) - len(done), err
	}
	return 0, Clear(ctx, conn, schemas...)
}

// Aftermath is what a load that failed has left of tables that stand.
type Aftermath struct {
	Emptied bool // as was agreed
	Loading bool // rows may have come
	Off     int  // how much of what was taken off is not back
}

// Hint says it, and what to do. why is the way out of the error itself, or "".
func (a Aftermath) Hint(why string) string {
	state, again := "no row was touched", "run again"
	switch {
	case a.Emptied:
		state, again = "the tables were emptied, as agreed, and hold the rows loaded so far", "run again with --on-data=truncate"
	case a.Loading:
		state, again = "the tables keep the rows loaded so far", "run again with --on-data=truncate"
	}
	if why != "" {
		state = why + "; " + state
	}
	if a.Off > 0 {
		return fmt.Sprintf("%s; %d indexes, foreign keys or triggers are still off: litehaul repair puts them back, and so does the next run: %s", state, a.Off, again)
	}
	return state + "; indexes, foreign keys and triggers are as they were; " + again
}
