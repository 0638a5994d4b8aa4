package verify

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// maxShown is how many bytes of a value a report shows.
const maxShown = 60

// showField writes a COPY field for a reader, as near to SQLite's spelling as
// the type allows. It serves reports, never the comparison.
func showField(t sqltype.Type, f []byte) string {
	switch {
	case f == nil:
		return "NULL"
	case t.IsText(), t.Kind == sqltype.Enum, t.Kind == sqltype.JSON, t.Kind == sqltype.JSONB:
		return cut(fmt.Sprintf("%q", f[:min(len(f), maxShown)]), len(f))
	case t.Kind == sqltype.Bytea:
		return cut("x'"+hex.EncodeToString(f[:min(len(f), maxShown/2)])+"'", 2*len(f))
	}
	types := pgtype.NewMap()
	known, ok := types.TypeForOID(pgcopy.OID(t.Kind))
	if ok {
		v, err := known.Codec.DecodeDatabaseSQLValue(types, known.OID, pgtype.BinaryFormatCode, f)
		if at, isTime := v.(time.Time); err == nil && isTime {
			return at.Format(timeLayout(t.Kind))
		}
		if err == nil {
			return fmt.Sprint(v)
		}
	}
	return "0x" + hex.EncodeToString(f[:min(len(f), maxShown/2)])
}

func cut(shown string, n int) string {
	if n > maxShown {
		return shown + "..."
	}
	return shown
}

func timeLayout(k sqltype.Kind) string {
	switch k {
	case sqltype.Date:
		return time.DateOnly
	case sqltype.TimestampTZ:
		return "2006-01-02 15:04:05.999999Z07:00"
	}
	return "2006-01-02 15:04:05.999999"
}
