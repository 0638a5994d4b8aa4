package pgcopy

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// oids holds the OIDs of pg_catalog's types (pg_type.dat). They are fixed for
// all versions of Postgres.
var oids = [...]uint32{
	sqltype.Bool: 16, sqltype.Bytea: 17, sqltype.Int8: 20, sqltype.Int2: 21,
	sqltype.Int4: 23, sqltype.Text: 25, sqltype.JSON: 114, sqltype.CIDR: 650,
	sqltype.Float4: 700, sqltype.Float8: 701, sqltype.MacAddr: 829, sqltype.Inet: 869,
	sqltype.Bpchar: 1042, sqltype.Varchar: 1043, sqltype.Date: 1082, sqltype.Time: 1083,
	sqltype.Timestamp: 1114, sqltype.TimestampTZ: 1184, sqltype.Interval: 1186,
	sqltype.TimeTZ: 1266, sqltype.Numeric: 1700, sqltype.UUID: 2950, sqltype.JSONB: 3802,
}

// OID gives the OID of a base type, as BeginArray wants it for the elements. It
// is 0 for a type that has none of its own in every database: citext belongs
// to an extension, and its OID must be asked of the server.
func OID(k sqltype.Kind) uint32 {
	if int(k) < len(oids) {
		return oids[k]
	}
	return 0
}
