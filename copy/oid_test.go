package pgcopy_test

import (
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// TestOID asks the server for the OID of every kind.
func TestOID(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	for k := sqltype.Bool; k <= sqltype.MacAddr; k++ {
		var want uint32
		if k != sqltype.Citext {
			if err := conn.QueryRow(t.Context(), "SELECT to_regtype($1)::oid", k.String()).Scan(&want); err != nil {
				t.Fatalf("oid of %s: %v", k, err)
			}
		}
		if got := pgcopy.OID(k); got != want {
			t.Errorf("%s is %d, the server says %d", k, got, want)
		}
	}
	for _, k := range []sqltype.Kind{sqltype.Unknown, 255} {
		if got := pgcopy.OID(k); got != 0 {
			t.Errorf("kind %d is %d, want 0", k, got)
		}
	}
}
