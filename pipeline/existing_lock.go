package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/postgres"
)

// lockWait bounds the wait for others that have locked tables which are to be
// looked at, emptied or freed of their keys.
const lockWait = 10 * time.Second

// explainLock names the table and the session that a run has waited for too
// long; tables are those that it wanted, nil for any. Other errors stay as they
// are.
func (r *run) explainLock(ctx context.Context, err error, tables []*table) error {
	if postgres.Code(err) != postgres.CodeLockTimeout {
		return err
	}
	const stop = "stop the application for the time of the move"
	out := &Error{
		Err:  fmt.Errorf("tables of schema %s are locked by somebody else, for more than %s", strings.Join(r.mapSchemas(), ", "), r.cfg.lockWait),
		Hint: stop, Code: ExitFailed,
	}
	if r.into == nil || !r.into.loading && len(r.into.off) == 0 {
		out.Code = ExitRefused // nothing was touched
	}
	if h := r.lockHolder(ctx, tables); h.PID != 0 {
		out.Err = fmt.Errorf("table %s is locked by server process %d%s, for more than %s", h.Table, h.PID, h.Who, r.cfg.lockWait)
		out.Hint = fmt.Sprintf("%s; or end that session: SELECT pg_terminate_backend(%d)", stop, h.PID)
	}
	return out
}

// lockHolder finds one that holds a lock in the way.
func (r *run) lockHolder(ctx context.Context, tables []*table) postgres.Holder {
	conn, err := r.connect(ctx)
	if err != nil {
		return postgres.Holder{}
	}
	defer closeConn(ctx, conn)
	var names []string
	for _, t := range tables {
		names = append(names, t.home.Name)
	}
	return postgres.LockHolder(ctx, conn, r.mapSchemas(), names, r.holder)
}
