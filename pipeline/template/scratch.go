package template

import (
	"context"
	"time"
)

// Drop drops a database that Run made as a KindTest, and whoever is in it with it.
// One that is gone is no error.
func Drop(ctx context.Context, target, maintenance string) error {
	name, err := nameOf(target)
	if err != nil {
		return err
	}
	db, err := enter(ctx, target, maintenance)
	if err != nil {
		return err
	}
	defer db.leave(ctx)
	d, err := find(ctx, db.Conn, name)
	if d == nil || err != nil {
		return err
	}
	if !d.mine || !d.isTest() {
		return refused("", "database %s was not made for a test by role %s", d.name, db.role)
	}
	return db.drop(ctx, d.name)
}

// Sweep drops the databases of this role that Run made as KindTest longer than age
// ago, such as those of tests that were killed, unless somebody is in them. It
// gives their names.
func Sweep(ctx context.Context, target, maintenance string, age time.Duration) ([]string, error) {
	db, err := enter(ctx, target, maintenance)
	if err != nil {
		return nil, err
	}
	defer db.leave(ctx)
	list, err := own(ctx, db.Conn)
	if err != nil {
		return nil, err
	}
	var dropped []string
	for _, d := range list {
		if !d.isTest() || time.Since(d.marker.Made) < age {
			continue
		}
		used, err := db.sessions(ctx, d)
		if err != nil || len(used) > 0 {
			return dropped, err
		}
		if err := db.drop(ctx, d.name); err != nil {
			return dropped, err
		}
		dropped = append(dropped, d.name)
	}
	return dropped, nil
}

func (d *database) isTest() bool { return d.marked && d.marker.Litehaul == KindTest }
