package template

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/pipeline"
)

// mayReplace looks at what has the wanted name, and refuses to touch what it must
// not. It gives nil where there is nothing.
func (r *run) mayReplace(ctx context.Context) (*database, error) {
	old, err := find(ctx, r.db.Conn, r.name)
	if old == nil || err != nil {
		return nil, err
	}
	switch {
	case old.name == r.db.maintenance:
		return nil, refused("name another database; --maintenance-db names another to connect to",
			"database %s is the one that is connected to while others are made", old.name)
	case old.isTemplate:
		return nil, refused("name another database", "database %s is a template for others", old.name)
	case !old.mine:
		return nil, refused(fmt.Sprintf("connect as %s, or name another database", old.owner),
			"database %s belongs to role %s, and you are %s", old.name, old.owner, r.db.role)
	}
	if err := r.unbound(ctx, old); err != nil {
		return nil, err
	}
	if !r.cfg.Force {
		if err := r.unused(ctx, old); err != nil {
			return nil, err
		}
	}
	if old.marked && old.marker.Litehaul == r.cfg.Kind {
		return old, nil
	}
	ok, err := false, error(nil)
	if r.cfg.Confirm != nil {
		ok, err = r.cfg.Confirm(ctx, old.name)
	}
	if err == nil && !ok {
		err = &pipeline.Error{
			Err:  fmt.Errorf("not confirmed: database %s was not made from a template, and would be dropped", old.name),
			Hint: "name another database, or go on with --yes", Code: pipeline.ExitRefused,
		}
	}
	return old, err
}

// unbound refuses to replace a database on which something hangs that CREATE
// DATABASE does not bring back, and that keeps it from being dropped.
func (r *run) unbound(ctx context.Context, d *database) error {
	var slot, subscription, prepared bool
	err := r.db.QueryRow(ctx, `
SELECT EXISTS (SELECT FROM pg_replication_slots WHERE database = $2), EXISTS (SELECT FROM pg_subscription WHERE subdbid = $1),
       EXISTS (SELECT FROM pg_prepared_xacts WHERE database = $2)`, d.oid, d.name).Scan(&slot, &subscription, &prepared)
	if err != nil {
		return failed(err, "see what uses database %s", d.name)
	}
	for _, b := range []struct {
		there bool
		what  string
	}{
		{slot, "a replication slot (pg_replication_slots)"},
		{subscription, "a subscription (pg_subscription)"},
		{prepared, "a prepared transaction (pg_prepared_xacts)"},
	} {
		if b.there {
			return refused("drop or end it first", "%s belongs to database %s", b.what, d.name)
		}
	}
	return nil
}

// session is a session in a database.
type session struct {
	PID         int
	User        string
	Application string
}

// sessions lists who is in a database. Workers of the server itself, which have no
// role, make way by themselves; what kind others are of is shown to few roles.
func (a *admin) sessions(ctx context.Context, d *database) ([]session, error) {
	rows, err := a.Query(ctx, `
SELECT pid, coalesce(usename::text, ''), coalesce(application_name, '') FROM pg_stat_activity
WHERE datid = $1 AND pid <> pg_backend_pid() AND usesysid IS NOT NULL ORDER BY backend_start, pid`, d.oid)
	if err != nil {
		return nil, failed(err, "list the sessions in database %s", d.name)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[session])
	if err != nil {
		return nil, failed(err, "list the sessions in database %s", d.name)
	}
	return list, nil
}

// unused refuses to replace a database in which somebody is.
func (r *run) unused(ctx context.Context, d *database) error {
	list, err := r.db.sessions(ctx, d)
	if err != nil || len(list) == 0 {
		return err
	}
	return inUse(d, list)
}

func inUse(d *database, list []session) error {
	const most = 5
	var who []string
	for _, s := range list[:min(len(list), most)] {
		who = append(who, strings.TrimSuffix(fmt.Sprintf("pid %d of %s (%s)", s.PID, s.User, s.Application), " ()"))
	}
	if rest := len(list) - most; rest > 0 {
		who = append(who, fmt.Sprintf("%d more", rest))
	}
	return refused("close them, or end them with --force", "database %s is in use by %s", d.name, strings.Join(who, ", "))
}

// evict ends the sessions in a database.
func (r *run) evict(ctx context.Context, d *database) error {
	list, err := r.db.sessions(ctx, d)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := r.db.do(ctx, "SELECT pg_terminate_backend(%d)", s.PID); err != nil {
			return failed(err, "end the session with pid %d of %s in database %s", s.PID, s.User, d.name)
		}
		r.rep.Ended++
	}
	return nil
}
