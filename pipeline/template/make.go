package template

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/postgres"
)

// usedEvery is how exactly the last use of a template is kept.
const usedEvery = time.Hour

// ensure sees to it that the template stands, and holds a shared lock on it, so
// that nobody drops it while it is copied.
func (r *run) ensure(ctx context.Context) error {
	shared, alone := hold{r.template, true}, hold{r.template, false}
	waited, err := r.db.take(ctx, shared)
	if err != nil {
		return err
	}
	r.rep.WaitSeconds += waited
	d, err := find(ctx, r.db.Conn, r.template)
	if err != nil {
		return err
	}
	if r.usable(d) {
		r.touch(ctx, d)
		return r.weigh(ctx)
	}
	if err := r.db.release(ctx, shared); err != nil {
		return err
	}
	if waited, err = r.db.take(ctx, alone); err != nil {
		return err
	}
	r.rep.WaitSeconds += waited
	// Another run may have made it meanwhile.
	if d, err = find(ctx, r.db.Conn, r.template); err != nil {
		return err
	}
	if !r.usable(d) {
		if err := r.make(ctx, d); err != nil {
			return err
		}
	}
	if _, err := r.db.take(ctx, shared); err != nil {
		return err
	}
	if err := r.db.release(ctx, alone); err != nil {
		return err
	}
	return r.weigh(ctx)
}

// weigh asks for the template's size, on which depends how it is copied.
func (r *run) weigh(ctx context.Context) error {
	if err := r.db.QueryRow(ctx, "SELECT pg_database_size($1::name)", r.template).Scan(&r.rep.Bytes); err != nil {
		return failed(err, "ask for the size of template %s", r.template)
	}
	return nil
}

// usable says whether d is a finished template of what is wanted.
func (r *run) usable(d *database) bool {
	return d != nil && d.mine && d.isTemplate && !d.connect && d.marked && d.marker.Litehaul == kindTemplate &&
		d.marker.Layout == layout && d.marker.Complete && d.marker.ID == r.cfg.ID
}

// touch notes that the template is in use. It is no reason to fail, or to wait,
// when somebody else has the comment in hand.
func (r *run) touch(ctx context.Context, d *database) {
	if time.Since(d.marker.Used) < usedEvery {
		return
	}
	m := d.marker
	m.Used = time.Now().UTC().Truncate(time.Second)
	err := pgx.BeginFunc(ctx, r.db.Conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '100ms'"); err != nil {
			return err //nolint:wrapcheck // logged below
		}
		return r.db.mark(ctx, d.name, m)
	})
	if err != nil {
		r.cfg.Log.DebugContext(ctx, "the template's last use is not noted", "template", d.name, "error", err)
	}
}

// make makes the template, in place of what d is if that is not nil.
func (r *run) make(ctx context.Context, d *database) error {
	if d != nil {
		if err := r.ours(ctx, d); err != nil {
			return err
		}
		if err := r.db.drop(ctx, r.template); err != nil {
			return err
		}
	}
	if err := r.db.dropSpare(ctx, r.template); err != nil {
		return err
	}
	r.rep.Made = true
	r.cfg.Log.InfoContext(ctx, "making the template", "template", r.template)
	if err := r.begin(ctx); err != nil {
		return failed(err, "make template %s", r.template)
	}
	err := r.fill(ctx)
	if err == nil {
		return nil
	}
	// A half made one would be recognised; but nobody may come for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if r.db.IsClosed() { // as a cancelled statement leaves it
		return err
	}
	if dropErr := r.db.drop(ctx, r.template); dropErr != nil {
		r.cfg.Log.WarnContext(ctx, "a half made template is left, which the next run drops", "template", r.template, "error", dropErr)
	}
	return err
}

// ours makes sure that a database with the template's name is one of ours that
// was not finished, or is of another version.
func (r *run) ours(ctx context.Context, d *database) error {
	if !d.mine {
		return refused("drop or rename it", "database %s belongs to role %s: it is no template of ours", d.name, d.owner)
	}
	if d.marked && d.marker.Litehaul == kindTemplate {
		return nil
	}
	// A run that was killed right after CREATE DATABASE has left no marker, and
	// nothing else.
	if d.comment == "" {
		if empty, err := r.empty(ctx, d.name); err != nil || empty {
			return err
		}
	}
	return refused("drop or rename it", "database %s stands there without the mark of a template", d.name)
}

// empty says whether a database has no relations of its own.
func (r *run) empty(ctx context.Context, name string) (empty bool, err error) {
	err = r.inside(ctx, name, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `
SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')`).Scan(&empty)
	})
	if err != nil {
		return false, failed(err, "look into database %s", name)
	}
	return empty, nil
}

// inside runs fn on a connection to another database.
func (r *run) inside(ctx context.Context, name string, fn func(*pgx.Conn) error) error {
	t, err := postgres.ParseTarget(postgres.WithDatabase(r.cfg.Target, name))
	if err != nil {
		return err //nolint:wrapcheck // says that it is the target
	}
	conn, err := t.Connect(ctx)
	if err != nil {
		return err //nolint:wrapcheck // names database and role
	}
	return errors.Join(fn(conn), conn.Close(ctx))
}

// begin makes the empty database and marks it as not finished.
func (r *run) begin(ctx context.Context) error {
	from := ""
	if r.db.encoding != "UTF8" {
		from = " TEMPLATE template0 ENCODING 'UTF8'"
	}
	if err := r.db.do(ctx, "CREATE DATABASE %s%s", quote(r.template), from); err != nil {
		return err
	}
	return r.db.mark(ctx, r.template, r.marker(kindTemplate))
}

func (r *run) marker(kind Kind) marker {
	now := time.Now().UTC().Truncate(time.Second)
	return marker{Litehaul: kind, Layout: layout, ID: r.cfg.ID, Tool: "litehaul " + buildinfo.Version(), Made: now, Used: now}
}

// fill fills the template and seals it.
func (r *run) fill(ctx context.Context) error {
	start := time.Now()
	if err := r.cfg.Fill(ctx, postgres.WithDatabase(r.cfg.Target, r.template)); err != nil {
		return fmt.Errorf("fill template %s: %w", r.template, err)
	}
	r.rep.FillSeconds = seconds(start)
	start = time.Now()
	if err := r.seal(ctx); err != nil {
		return failed(err, "seal template %s", r.template)
	}
	r.rep.SealSeconds = seconds(start)
	return nil
}

// seal makes the template ready to be copied, and closes it.
func (r *run) seal(ctx context.Context) error {
	// Frozen rows with a visibility map: copies have nothing to clean up, and
	// their first reads write no hint bits. VACUUM passes over rows whose commit is
	// not on disk yet; a commit that waits for the disk brings those before it along.
	err := r.inside(ctx, r.template, func(conn *pgx.Conn) error {
		if err := postgres.Flush(ctx, conn); err != nil {
			return err //nolint:wrapcheck // the caller names the template
		}
		if err := postgres.Exec(ctx, conn, "SET statement_timeout = 0"); err != nil {
			return err //nolint:wrapcheck // as above
		}
		return postgres.Exec(ctx, conn, "VACUUM (FREEZE)") //nolint:wrapcheck // as above
	})
	if err != nil {
		return err
	}
	m := r.marker(kindTemplate)
	m.Complete = true
	return pgx.BeginFunc(ctx, r.db.Conn, func(pgx.Tx) error { //nolint:wrapcheck // the caller names the template
		for _, option := range []string{"IS_TEMPLATE true", "ALLOW_CONNECTIONS false"} {
			if err := r.db.do(ctx, "ALTER DATABASE %s %s", quote(r.template), option); err != nil {
				return err
			}
		}
		return r.db.mark(ctx, r.template, m)
	})
}
