package sqlite_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// FuzzPages changes bytes of generated databases, pairs of an offset and a value:
// what the page reader reads without an error is what the engine reads.
func FuzzPages(f *testing.F) {
	var files [][]byte
	for _, seed := range []uint64{3, 5, 8, 13} {
		path := filepath.Join(f.TempDir(), "g.db")
		db := generate(f, seed, path)
		if _, err := db.Exec("PRAGMA journal_mode = DELETE"); err != nil {
			f.Fatal(err)
		}
		if err := db.Close(); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, b[:min(len(b), 1<<18)])
	}
	f.Add(byte(0), []byte{0, 0, 2, 8, 3, 7})
	f.Add(byte(1), []byte{0, 1, 0, 0, 9, 9, 0, 0, 4, 7, 1, 1})
	f.Fuzz(func(t *testing.T, which byte, changes []byte) {
		b := bytes.Clone(files[int(which)%len(files)])
		for c := changes[:min(len(changes), 60)]; len(c) >= 6; c = c[6:] {
			copy(b[int(binary.BigEndian.Uint32(c))%len(b):], c[4:6])
		}
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			return
		}
		defer s.Close()
		sc, err := s.Schema(t.Context())
		if err != nil {
			return
		}
		for _, table := range allTables(sc) {
			if ok, _ := s.PagesCan(table); ok {
				checkDamagedTable(t, s, table)
			}
		}
		accountPages(t, s)
	})
}
