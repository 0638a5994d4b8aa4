package sqlite_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/internal/sqlite"
)

// engineOnly are files of which the engine's check says something that accounting
// for pages does not, and why no row is at risk.
var engineOnly = map[string]string{
	"f3_00175.db": brokenEntry,
	"f3_00184.db": brokenEntry,
	"f3_00196.db": brokenEntry,
}

const brokenEntry = "a schema entry that SQLite cannot parse has the page that SQLite calls unused; the run tells of the entry"

// TestAccountCoversCheck: whatever quick_check says about the pages of a damaged
// file, the account or its readers notice something too.
func TestAccountCoversCheck(t *testing.T) {
	t.Parallel()
	dir := sharedtest.Dir(t, "damaged")
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".tsv") {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			if why := engineOnly[filepath.Base(path)]; why != "" {
				t.Skip(why)
			}
			accountCovers(t, copyDB(t, path))
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// accountCovers compares the engine's check of a file with the account, and tells
// whether the engine found anything.
func accountCovers(t testing.TB, path string) (damaged bool) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		return false
	}
	defer s.Close()
	if _, err := s.Schema(t.Context()); err != nil {
		return false
	}
	found, err := s.Check(t.Context())
	if err != nil {
		t.Errorf("check: %v", err)
	}
	var pages []sqlite.Damage
	for _, d := range found {
		if d.Kind != sqlite.DamageValue {
			pages = append(pages, d)
		}
	}
	if len(pages) > 0 && len(accountPages(t, s)) == 0 {
		t.Errorf("the account finds nothing, the engine %+v", pages)
	}
	return len(pages) > 0
}

// TestAccountCoversRandomDamage changes a few bytes of generated files at places
// that decide about structure, and at any others.
func TestAccountCoversRandomDamage(t *testing.T) {
	t.Parallel()
	n := 400
	if testing.Short() {
		n = 16
	}
	damaged := 0
	var sound []byte
	for i := range n {
		rng := rand.New(rand.NewPCG(uint64(i), 5))
		if i%8 == 0 {
			sound = smallDB(t, uint64(i))
		}
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, scratch(rng, sound), 0o600); err != nil {
			t.Fatal(err)
		}
		if accountCovers(t, path) {
			damaged++
		}
		if t.Failed() {
			t.Fatalf("of the damage number %d", i)
		}
	}
	if damaged < n/4 {
		t.Errorf("only %d of %d files were damaged", damaged, n)
	}
}

// smallDB gives the bytes of a generated database in rollback mode.
func smallDB(t testing.TB, seed uint64) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "g.db")
	db := generate(t, seed, path)
	if _, err := db.Exec("PRAGMA journal_mode = DELETE"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// scratch damages a copy of a file: bytes of page headers and cell pointers, whole
// pages, or anything.
func scratch(rng *rand.Rand, sound []byte) []byte {
	b := append([]byte(nil), sound...)
	size := int(binary.BigEndian.Uint16(b[16:]))
	if size == 1 {
		size = 65536
	}
	pages := len(b) / size
	for range 1 + rng.IntN(2) {
		at := rng.IntN(pages) * size
		if at == 0 {
			at = 100
		}
		switch rng.IntN(6) {
		case 0: // the header of a page
			b[at+rng.IntN(8)] ^= byte(1 << rng.IntN(8))
		case 1: // one cell fewer, or more
			cells := at + 3
			binary.BigEndian.PutUint16(b[cells:], binary.BigEndian.Uint16(b[cells:])+uint16(rng.IntN(3))-1)
		case 2: // a cell pointer
			b[at+8+rng.IntN(24)] ^= byte(1 << rng.IntN(8))
		case 3: // an older page, or another one
			from := rng.IntN(pages) * size
			copy(b[at/size*size+at%size:][:size-at%size], b[from+at%size:from+size])
		case 4: // the file's header, behind the encoding's field
			b[20+rng.IntN(36)] ^= byte(1 << rng.IntN(8))
		default:
			b[at+rng.IntN(size-at%size)] ^= byte(1 << rng.IntN(8))
		}
	}
	return b
}
