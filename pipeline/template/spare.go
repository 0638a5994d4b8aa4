package template

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A spare is a copy of a template that waits, closed to everybody, for the next run
// to take it: that run has nothing left to do but to give it its name. The server
// makes it when a run has ended. It appears when it is whole, and no earlier.

// sparePrefix begins the name of a spare; its template's digits follow.
const sparePrefix = "litehaul_spr_"

// strategySpare is what the report says of a copy that was there already.
const strategySpare = "spare"

func spareName(template string) string {
	return sparePrefix + strings.TrimPrefix(template, templatePrefix)
}

// takeSpare gives the template's spare a name, if there is one that no other run
// takes.
func (r *run) takeSpare(ctx context.Context, name string) (taken bool, err error) {
	if !r.cfg.Spare {
		return false, nil
	}
	spare := hold{name: spareName(r.template)}
	if ok, err := r.db.try(ctx, spare); !ok || err != nil {
		return false, err
	}
	d, err := find(ctx, r.db.Conn, spare.name)
	if err != nil {
		return false, err
	}
	if d != nil && d.mine && !d.connect && !d.marked {
		err := pgx.BeginFunc(ctx, r.db.Conn, func(pgx.Tx) error {
			if err := r.db.do(ctx, "ALTER DATABASE %s RENAME TO %s", quote(spare.name), quote(name)); err != nil {
				return err
			}
			if err := r.db.do(ctx, "ALTER DATABASE %s ALLOW_CONNECTIONS true", quote(name)); err != nil {
				return err
			}
			return r.db.mark(ctx, name, r.marker(r.cfg.Kind))
		})
		if err != nil {
			return false, failed(err, "take the spare copy of template %s", r.template)
		}
		r.rep.Strategy, taken = strategySpare, true
	}
	return taken, r.db.release(ctx, spare)
}

// orderSpare has the server make a spare. Nobody waits for it, and nothing is lost
// if it fails: the next run then copies the template itself.
func (r *run) orderSpare(ctx context.Context) {
	if !r.cfg.Spare {
		return
	}
	template, err := find(ctx, r.db.Conn, r.template)
	if err != nil || template == nil {
		return // the run's own template was not to be kept
	}
	if spare, err := find(ctx, r.db.Conn, spareName(r.template)); err != nil || spare != nil {
		return
	}
	db, err := enter(ctx, r.cfg.Target, r.db.maintenance)
	if err != nil {
		r.cfg.Log.DebugContext(ctx, "no spare copy is made", "template", r.template, "error", err)
		return
	}
	defer db.leave(ctx)
	db.order(fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s ALLOW_CONNECTIONS false%s", quote(spareName(r.template)), quote(r.template), r.clause()))
}

// dropSpare drops the spare of a template that is gone itself.
func (a *admin) dropSpare(ctx context.Context, template string) error {
	d, err := find(ctx, a.Conn, spareName(template))
	if err != nil || d == nil || !d.mine {
		return err
	}
	return a.drop(ctx, d.name)
}

// order sends the session's last statement and ends the connection: the server
// executes it all the same, and has nobody to tell.
func (a *admin) order(sql string) {
	h, err := a.PgConn().Hijack()
	if err != nil {
		return // the connection is broken
	}
	h.Frontend.Send(&pgproto3.Query{String: sql})
	_ = h.Frontend.Flush() // as above
	_ = h.Conn.Close()
}
