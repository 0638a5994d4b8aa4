package template

import (
	"context"
	"slices"
	"strings"
	"time"
)

// collect drops the templates that were not used for longest, beyond those that
// are kept, and copies that killed runs have left. What others use stays.
func (r *run) collect(ctx context.Context) error {
	if r.cfg.Keep < 0 {
		return nil
	}
	start := time.Now()
	defer func() { r.rep.DropSeconds = seconds(start) }()
	list, err := own(ctx, r.db.Conn)
	if err != nil {
		return err
	}
	// Our own lock would keep us from dropping this run's template.
	if err := r.db.release(ctx, hold{r.template, true}); err != nil {
		return err
	}
	for _, name := range surplus(list, r.template, r.cfg.Keep) {
		if r.cfg.Spare && name == besideName(oldPrefix, r.name) {
			continue // orderDrop
		}
		dropped, err := r.dropUnused(ctx, name)
		if err != nil {
			return err
		}
		if dropped {
			r.rep.Dropped = append(r.rep.Dropped, name)
		}
	}
	return nil
}

// surplus chooses what to drop: of the templates, all but the keep last used ones,
// of which this run's is the first; of copies without their name, all. list has
// only what carries our mark.
func surplus(list []*database, current string, keep int) []string {
	var templates []*database
	var names []string
	for _, d := range list {
		switch {
		case d.marker.Litehaul == kindTemplate && strings.HasPrefix(d.name, templatePrefix):
			templates = append(templates, d)
		case strings.HasPrefix(d.name, newPrefix), strings.HasPrefix(d.name, oldPrefix):
			names = append(names, d.name)
		}
	}
	slices.SortStableFunc(templates, func(a, b *database) int {
		switch {
		case a.name == current:
			return -1
		case b.name == current:
			return 1
		}
		return b.marker.Used.Compare(a.marker.Used)
	})
	for _, d := range templates[min(keep, len(templates)):] {
		names = append(names, d.name)
	}
	return names
}

// dropUnused drops a database of our own unless another run has it in hand.
func (r *run) dropUnused(ctx context.Context, name string) (dropped bool, err error) {
	h := hold{name: strings.Replace(name, oldPrefix, newPrefix, 1)} // one lock for both
	ok, err := r.db.try(ctx, h)
	if !ok || err != nil {
		return false, err
	}
	if d, err := find(ctx, r.db.Conn, name); err != nil || d == nil {
		return false, err // another run was faster
	}
	if err := r.db.drop(ctx, name); err != nil {
		return false, err
	}
	if strings.HasPrefix(name, templatePrefix) {
		if err := r.db.dropSpare(ctx, name); err != nil {
			return true, err
		}
	}
	return true, r.db.release(ctx, h)
}
