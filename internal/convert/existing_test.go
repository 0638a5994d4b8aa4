package convert_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

func baseOID(k sqltype.Kind) uint32 { return pgcopy.OID(k) }

// TestServerMadeTypes sends an enum, an array of it, and an array of a domain,
// whose OIDs only the server knows.
func TestServerMadeTypes(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	var mood, small uint32
	const types = `CREATE TYPE "Mood" AS ENUM ('sad', 'guest user', 'archivé'); CREATE DOMAIN small AS numeric(4,1);
		CREATE TABLE x (a "Mood", b "Mood"[], c small[])`
	if _, err := conn.Exec(t.Context(), types); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `SELECT '"Mood"'::regtype::oid, 'small'::regtype::oid`).Scan(&mood, &small); err != nil {
		t.Fatal(err)
	}
	enum := standing(sqltype.Enum)
	enum.Existing.Labels = convert.Labels([]string{"sad", "guest user", "archivé"})
	number := standing(sqltype.Numeric)
	number.Type.Precision, number.Type.Scale = 4, 1
	columns := []convert.Column{enum, convert.ArrayOf(enum, mood), convert.ArrayOf(number, small)}
	stream := pgcopy.AppendTupleHeader(pgcopy.AppendHeader(nil), len(columns))
	for i, s := range []string{"guest user", `["archivé", "sad", null]`, `[1, 2.5]`} {
		enc, v := convert.Encoder{Column: columns[i]}, text(s)
		var err error
		if stream, _, err = enc.Append(stream, &v); err != nil {
			t.Fatal(err)
		}
	}
	stream = pgcopy.AppendTrailer(stream)
	if _, err := conn.PgConn().CopyFrom(t.Context(), bytes.NewReader(stream), "COPY x FROM STDIN (FORMAT binary)"); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := conn.QueryRow(t.Context(), "SELECT x::text FROM x").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := `("guest user","{archivé,sad,NULL}","{1.0,2.5}")`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back bytes.Buffer
	if _, err := conn.PgConn().CopyTo(t.Context(), &back, "COPY x TO STDOUT (FORMAT binary)"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stream, back.Bytes()); diff != "" {
		t.Errorf("read back (-sent +got):\n%s", diff)
	}
	for _, bad := range []string{"SAD", "sad ", ""} {
		enc, v := convert.Encoder{Column: enum}, text(bad)
		if _, _, err := enc.Append(nil, &v); err == nil {
			t.Errorf("%q is no label", bad)
		}
	}
}

// TestReadBack: what COPY TO sends for values of existing tables is what was
// sent, byte for byte, so that digests agree. jsonb has a spelling of its own,
// and digests know it.
func TestReadBack(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	byType := map[string][]conversion{}
	for _, group := range [][]conversion{existingScalars(), existingTimes(), intervals(), addresses(), arrays()} {
		for _, c := range group {
			if name := c.column.Type.SQL(); c.want != misfit {
				byType[name] = append(byType[name], c)
			}
		}
	}
	for name, list := range byType {
		sent := pgcopy.AppendHeader(nil)
		for _, c := range list {
			enc := convert.Encoder{Column: c.column}
			sent, _, _ = enc.Append(pgcopy.AppendTupleHeader(sent, 1), &c.value)
		}
		sent = pgcopy.AppendTrailer(sent)
		if _, err := conn.Exec(t.Context(), "CREATE TEMP TABLE x (c "+name+")"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.PgConn().CopyFrom(t.Context(), bytes.NewReader(sent), "COPY x FROM STDIN (FORMAT binary)"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var back bytes.Buffer
		if _, err := conn.PgConn().CopyTo(t.Context(), &back, "COPY x TO STDOUT (FORMAT binary)"); err != nil {
			t.Fatal(err)
		}
		typ := list[0].column.Type
		if want, got := digestOf(t, typ, sent), digestOf(t, typ, back.Bytes()); got != want {
			t.Errorf("%s: the digest of what was sent is %s, read back %s", name, want, got)
		}
		if diff := cmp.Diff(sent, back.Bytes()); diff != "" && typ.Elem != sqltype.JSONB {
			t.Errorf("%s (-sent +got):\n%s", name, diff)
		}
		if _, err := conn.Exec(t.Context(), "DROP TABLE x"); err != nil {
			t.Fatal(err)
		}
	}
}

// digestOf gives the digest of a stream of one column.
func digestOf(t *testing.T, typ sqltype.Type, stream []byte) (d verify.Digest) {
	t.Helper()
	h := verify.NewHasher([]sqltype.Type{typ})
	s := pgcopy.NewScanner(1, func(fields []byte, _ int) error {
		hi, lo, err := h.Hash(fields)
		d.Add(hi, lo)
		return err
	})
	if _, err := s.Write(stream); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// checkInet holds an address against netip, which reads the same texts.
func checkInet(t fataler, s string) {
	t.Helper()
	var want []byte
	if p, err := netip.ParsePrefix(s); err == nil {
		want = pgcopy.AppendInet(nil, p)
	} else if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		want = pgcopy.AppendInet(nil, netip.PrefixFrom(a, a.BitLen()))
	}
	enc, v := convert.Encoder{Column: standing(sqltype.Inet)}, text(s)
	if got, _, _ := enc.Append(nil, &v); !bytes.Equal(got, want) {
		t.Fatalf("%q: got %x, want %x", s, got, want)
	}
}

func TestInetIsNetip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkInet(t, rapid.StringOfN(rapid.RuneFrom([]rune("01:.f/29")), 0, 24, -1).Draw(t, "s"))
		var b [16]byte
		copy(b[:], rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 1, 255}), 16, 16).Draw(t, "bytes"))
		checkInet(t, netip.AddrFrom16(b).String())
	})
}

// FuzzExisting: no text makes an encoder of an existing column fail otherwise
// than by a misfit, and a field that it gives is one field.
func FuzzExisting(f *testing.F) {
	for _, group := range [][]conversion{existingScalars(), existingTimes(), intervals(), addresses(), arrays()} {
		for _, c := range group {
			f.Add(c.value.Bytes)
		}
	}
	var columns []convert.Column
	for _, k := range []sqltype.Kind{
		sqltype.Int8, sqltype.Float8, sqltype.Float4, sqltype.Numeric, sqltype.Date, sqltype.Time, sqltype.TimeTZ,
		sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval, sqltype.Inet, sqltype.CIDR, sqltype.MacAddr,
	} {
		columns = append(columns, standing(k), list(k, false), list(k, true))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInet(t, string(b))
		for _, c := range columns {
			enc, v := convert.Encoder{Column: c}, text(string(b))
			out, _, err := enc.Append(nil, &v)
			if err != nil {
				continue
			}
			it := pgcopy.NewFields(out)
			n := 0
			for ; it.Next(); n++ {
			}
			if n != 1 || it.Err() != nil {
				t.Fatalf("%q as %s: %x is %d fields: %v", b, c.Type.SQL(), out, n, it.Err())
			}
		}
	})
}
