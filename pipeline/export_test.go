package pipeline

import (
	"context"
	"time"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/typemap"
)

// RebuildAll makes a run drop and rebuild the secondary indexes of all tables,
// not of the large ones only.
func RebuildAll(cfg Config) Config {
	cfg.rebuildFrom = 1
	return cfg
}

// Impatient makes a run wait for the locks of others for a moment only.
func Impatient(cfg Config) Config {
	cfg.lockWait = 300 * time.Millisecond
	return cfg
}

// Passes are the passes of a run over its source, one by one on the caller's
// goroutine and without a server: what benchmarks measure.
type Passes struct {
	r *run
	// Rows is the number of rows of all tables, Bytes the size of the file.
	Rows, Bytes int64

	buf  []byte
	ends []int // of the tuples in buf
}

// OpenPasses opens a source and decides what its columns become.
func OpenPasses(ctx context.Context, path string) (*Passes, error) {
	r, err := newRun(Config{Source: path, DryRun: true})
	if err != nil {
		return nil, err
	}
	p := &Passes{r: r}
	for _, step := range []func(context.Context) error{r.openSource, r.readSchema, r.cutUnits, p.Profile} {
		if err := step(ctx); err != nil {
			_ = p.Close()
			return nil, err
		}
	}
	r.decide()
	r.plan = r.newPlan(nil)
	p.Bytes = r.rep.Source.Bytes
	for _, t := range r.tables {
		p.Rows += t.profile.Rows
	}
	return p, nil
}

// Close closes the source.
func (p *Passes) Close() error {
	if p.r.snap == nil {
		return nil
	}
	return p.r.snap.Close()
}

// each calls f for each unit, in order.
func (p *Passes) each(f func(t *table, u *unit) error) error {
	for _, t := range p.r.tables {
		for _, u := range t.units {
			if err := f(t, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// Decode reads all rows and does nothing with them.
func (p *Passes) Decode(ctx context.Context) error {
	return p.each(func(t *table, u *unit) error {
		return p.r.scanUnit(ctx, t, u, func(int64, []row.Value) error { return nil })
	})
}

// Profile profiles all rows, as the profile stage does.
func (p *Passes) Profile(ctx context.Context) error {
	for _, t := range p.r.tables {
		t.tracks = nil
	}
	p.r.trackKeys()
	probes := typemap.Probes(p.r.selected(), p.r.rules)
	if err := p.each(func(t *table, u *unit) error { return p.r.profileUnit(ctx, t, u, probes[t.src]) }); err != nil {
		return err
	}
	for _, t := range p.r.tables {
		t.gather(probes[t.src])
	}
	return nil
}

// Encode encodes all rows, as the load does, and drops the bytes.
func (p *Passes) Encode(ctx context.Context) error { return p.encodeAll(ctx, false) }

// Digest is Encode with the digest of each row.
func (p *Passes) Digest(ctx context.Context) error { return p.encodeAll(ctx, true) }

func (p *Passes) encodeAll(ctx context.Context, digest bool) error {
	return p.each(func(t *table, u *unit) error {
		enc := newRowEncoder(t, p.r.ledger, false)
		if digest {
			enc.digesting()
		}
		return p.encode(ctx, enc, u, func(b []byte) []byte {
			if len(b) >= sendBytes {
				return b[:0]
			}
			return b
		})
	})
}

// encode encodes a unit into p.buf; after each row, next may take the bytes.
func (p *Passes) encode(ctx context.Context, enc *rowEncoder, u *unit, next func([]byte) []byte) error {
	p.buf = p.buf[:0]
	return p.r.scanUnit(ctx, enc.t, u, func(rowid int64, vals []row.Value) error {
		var err error
		p.buf, err = enc.append(p.buf, rowid, vals)
		p.buf = next(p.buf)
		return err
	})
}

// Readback encodes the units, and between begin and end takes each one's
// tuples apart and digests them, as the read-back does with what COPY TO sends:
// one tuple a message. It tells whether all digests are those of the encoders.
func (p *Passes) Readback(ctx context.Context, begin, end func()) (same bool, err error) {
	same = true
	err = p.each(func(t *table, u *unit) error {
		p.ends = p.ends[:0]
		enc := newRowEncoder(t, p.r.ledger, false).digesting()
		err := p.encode(ctx, enc, u, func(b []byte) []byte {
			p.ends = append(p.ends, len(b))
			return b
		})
		if err != nil {
			return err
		}
		begin()
		got, err := p.digest(t)
		end()
		same = same && got == enc.sum
		return err
	})
	return same, err
}

// digest digests the tuples in p.buf.
func (p *Passes) digest(t *table) (sum verify.Digest, err error) {
	types := make([]sqltype.Type, len(t.columns))
	for i := range t.columns {
		types[i] = t.columns[i].decision.Type
	}
	hasher := verify.NewHasher(types)
	sc := pgcopy.NewScanner(len(types), func(tuple []byte, _ int) error {
		hi, lo, err := hasher.Hash(tuple)
		sum.Add(hi, lo)
		return err
	})
	if _, err := sc.Write(pgcopy.AppendHeader(nil)); err != nil {
		return sum, err
	}
	start := 0
	for _, end := range p.ends {
		if _, err := sc.Write(p.buf[start:end]); err != nil {
			return sum, err
		}
		start = end
	}
	if _, err := sc.Write(pgcopy.AppendTrailer(nil)); err != nil {
		return sum, err
	}
	return sum, sc.Close()
}

// Settlers gives the flags that settle a kind of hazard, in either mode.
func Settlers(code string) []string {
	h := Hazard{Code: code, Table: "t", Column: "c"}
	return append((&run{}).settlers(h), (&run{into: &existing{}}).settlers(h)...)
}
