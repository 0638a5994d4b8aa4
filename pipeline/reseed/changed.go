package reseed

import (
	"context"
	"fmt"
	"slices"

	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// findChanged leaves those tables alone whose rows have the archive's digest
// already.
func (r *run) findChanged(ctx context.Context) error {
	s := r.newTasks()
	for _, t := range r.tables {
		s.readBack(t, nil, func() {
			t.unchanged = t.same()
			t.sum = verify.Digest{}
			r.Emit(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageProfile, Table: t.shown})
		})
	}
	if err := s.plan.Run(ctx, r.cfg.Jobs, s); err != nil {
		return r.explainLock(ctx, server.Explain(err), r.tables)
	}
	r.takeAlong()
	r.fillOnly(slices.DeleteFunc(slices.Clone(r.tables), func(t *table) bool { return t.unchanged }))
	for _, t := range r.tables {
		if t.unchanged {
			t.result = "full"
		}
	}
	return nil
}

// takeAlong counts tables as changed too whose foreign keys, which the role
// cannot take off, reference one that is: TRUNCATE empties both or none.
func (r *run) takeAlong() {
	for again := true; again; {
		again = false
		for _, t := range r.tables {
			if !t.unchanged {
				continue
			}
			for _, parent := range r.parents(r.tables, t, r.mayKeep(t)) {
				if !parent.unchanged && t.unchanged {
					t.unchanged, again = false, true
					r.Note(fmt.Sprintf("%s is filled again though nothing in it has changed: it references %s, and the foreign key stays on (it is taken off as the tables' owner, without --atomic)",
						t.shown, parent.shown))
				}
			}
		}
	}
}

// releaseChanged takes those foreign keys off tables which stay as they are that
// reference some which are emptied.
func (r *run) releaseChanged(detach func(t *table, scope rebuild.Scope) error) error {
	var oids []uint32
	for _, t := range r.fill {
		oids = append(oids, t.home.OID)
	}
	for _, t := range r.tables {
		if t.unchanged && len(r.parents(r.fill, t, t.home.ForeignKeys)) > 0 {
			if err := detach(t, rebuild.Scope{ForeignKeys: true, To: oids}); err != nil {
				return err
			}
		}
	}
	return nil
}
