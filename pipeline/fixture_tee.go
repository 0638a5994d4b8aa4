package pipeline

import (
	"fmt"
	"slices"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

// tee hands the tuples of one unit to the run's archive, as the target gets them.
type tee struct {
	chunks *fixture.ChunkWriter
	// hasher digests what is sent of a row. nil: that is the whole row, and the
	// encoder's own hash serves.
	hasher *verify.Hasher
}

// teeInto makes e hand its tuples to the archive too, where the run writes one.
func (r *run) teeInto(e *rowEncoder, t *table, u *unit) error {
	if r.archive == nil {
		return nil
	}
	chunks, err := r.archive.w.Unit(r.archive.place[t], slices.Index(t.units, u), nil)
	if err != nil {
		return err
	}
	e.tee = &tee{chunks: chunks}
	if len(t.wire) != e.kept {
		types := make([]sqltype.Type, len(t.wire))
		for i, c := range t.wire {
			types[i] = t.columns[c].decision.Type
		}
		e.tee.hasher = verify.NewHasher(types)
	}
	if e.hasher == nil {
		e.digesting()
	}
	return nil
}

// add hands over a tuple. hi and lo are the hash of the whole row.
func (x *tee) add(tuple []byte, hi, lo uint64) (err error) {
	if x.hasher != nil {
		if hi, lo, err = x.hasher.Hash(tuple[pgcopy.TupleHeaderLen:]); err != nil {
			return fmt.Errorf("digest a row for the fixture: %w", err)
		}
	}
	return x.chunks.Append(tuple, hi, lo)
}

// endTee ends the unit in the archive: all its rows are through.
func (e *rowEncoder) endTee() error {
	if e.tee == nil {
		return nil
	}
	return e.tee.chunks.Close()
}
