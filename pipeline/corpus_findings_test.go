package pipeline_test

// oracleFindings are what the independent comparison still finds, line by
// line. docs/CORPUS.md explains each. A line that begins with "any " stands for
// one that begins like it: its end depends on the order of rows.
var oracleFindings = map[string][]string{
	"amcsd-cif": {
		`ciftbl: 1 foreign keys, 0 in Postgres`,
		`symref: 2 foreign keys, 1 in Postgres`,
	},
	"android-contacts2": {
		`phone_lookup: 2 foreign keys, 1 in Postgres`,
		`name_lookup: 2 foreign keys, 1 in Postgres`,
		`groups: 2 foreign keys, 1 in Postgres`,
		`agg_exceptions: 2 foreign keys, 0 in Postgres`,
		`contacts: 4 foreign keys, 3 in Postgres`,
		`data: 3 foreign keys, 0 in Postgres`,
	},
	"broken-swift-schema": {
		`sqlite3.DatabaseError: malformed database schema (object) - near "CRREAT": syntax error`,
	},
	"drizzle-comments": {
		`__drizzle_migrations: primary key ['id'] missing`,
	},
	"duck-emptytype": {
		`tbl: keyless row not found: (42,)`,
	},
	"gda-sales": {
		`products: 2 foreign keys, 1 in Postgres`,
	},
	"libsql-vector-index": {
		`t: 0 rows in SQLite, 4 in Postgres`,
	},
	"macos-knowledgec": {
		`ZSTRUCTUREDMETADATA.Z_DKLOCATIONAPPLICATIONACTIVITYMETADATAKEY__FULLYFORMATTEDADDRESS: no column`,
	},
	"pgloader-sqlite": {
		`datetime_default.foo: DEFAULT DATETIME('now', 'localtime') lost`,
		`intege: keyless row not found: (1,)`,
		`typenames.is_public: DEFAULT '"0"' lost`,
		`any autoinc.ticket (text) key (None,)`,
		`any autoinc: row with key (None,)`,
		`any autoinc: row with key (None,)`,
		`autoinc: primary key ['id'] missing`,
	},
	"proj-db": {
		`any usage.`,
		`any usage.`,
		`any usage.`,
		`any usage.`,
		`any usage.`,
		`any usage: 22`,
		`usage: primary key ['auth_name', 'code'] missing`,
	},
	"prisma-scheduling": {
		`AcademicLevel.yearList: DEFAULT [] lost`,
	},
	"spatialite-v4": {
		`sql_statements_log.time_start: DEFAULT '0000-01-01T00:00:00.000Z' lost`,
		`sql_statements_log.time_end: DEFAULT '0000-01-01T00:00:00.000Z' lost`,
		`geometry_columns_time.last_insert: DEFAULT '0000-01-01T00:00:00.000Z' lost`,
		`geometry_columns_time.last_update: DEFAULT '0000-01-01T00:00:00.000Z' lost`,
		`geometry_columns_time.last_delete: DEFAULT '0000-01-01T00:00:00.000Z' lost`,
	},
	"sqlite-dbfuzz-seed": {
		`t4: keyless row not found: (2,)`,
		`t4: keyless row not found: (2,)`,
		`t4: keyless row not found: (4,)`,
		`t4: keyless row not found: (4,)`,
		`t2: keyless row not found: (1, 2, 2, 1)`,
		`t2: keyless row not found: (3, 4, 4, 3)`,
		`t2: keyless row not found: (2, 2, 1, 1)`,
		`t2: keyless row not found: (4, 4, 3, 3)`,
		`t1: keyless row not found: (1, 2)`,
		`t1: keyless row not found: (3, 4)`,
	},
	"typeorm-n8n": {
		`installed_packages.createdAt: DEFAULT 'STRFTIME(''%Y-%m-%d %H:%M:%f'', ''NOW'')' lost`,
		`installed_packages.updatedAt: DEFAULT 'STRFTIME(''%Y-%m-%d %H:%M:%f'', ''NOW'')' lost`,
	},
	"webkit-indexeddb-wal": {
		`sqlite3.OperationalError: no such collation sequence: IDBKEY`,
	},
}
