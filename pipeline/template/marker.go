package template

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The names of the databases that this package makes for itself. What stands
// behind the prefix is a hash, so nobody else has such a name by chance.
const (
	templatePrefix = "litehaul_tpl_" // a template
	newPrefix      = "litehaul_new_" // a copy that is about to get its name
	oldPrefix      = "litehaul_old_" // what had that name before
)

// layout is the version of how templates are made. One of another version is
// made anew.
const layout = 1

// marker is the comment of a database that this package made, as JSON.
type marker struct {
	Litehaul Kind   `json:"litehaul"`
	Layout   int    `json:"layout"`
	ID       string `json:"id"`
	Tool     string `json:"tool"`
	// Complete says of a template that all is in it.
	Complete bool      `json:"complete"`
	Made     time.Time `json:"made"`
	// Used is when it was copied last, to the hour.
	Used time.Time `json:"used"`
}

// parseMarker reads a comment; ok is false for one of somebody else.
func parseMarker(comment string) (m marker, ok bool) {
	err := json.Unmarshal([]byte(comment), &m)
	return m, err == nil && m.Litehaul != "" && m.Layout > 0
}

// database is what a run must know of a database.
type database struct {
	oid        uint32
	name       string
	owner      string
	mine       bool // its owner is the current role
	isTemplate bool
	connect    bool // connections are allowed
	comment    string

	marker marker
	marked bool // it has a marker
}

const databaseColumns = `
SELECT d.oid, d.datname::text, r.rolname::text, r.rolname = current_user, d.datistemplate, d.datallowconn,
       coalesce(shobj_description(d.oid, 'pg_database'), '')
FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba `

func scanDatabase(row pgx.CollectableRow) (*database, error) {
	d := &database{}
	err := row.Scan(&d.oid, &d.name, &d.owner, &d.mine, &d.isTemplate, &d.connect, &d.comment)
	d.marker, d.marked = parseMarker(d.comment)
	return d, err //nolint:wrapcheck // the caller knows which database
}

// find looks a database up; nil where there is none.
func find(ctx context.Context, conn *pgx.Conn, name string) (*database, error) {
	rows, err := conn.Query(ctx, databaseColumns+"WHERE d.datname = $1", name)
	if err != nil {
		return nil, failed(err, "look for database %s", name)
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDatabase)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no database is an answer
	}
	if err != nil {
		return nil, failed(err, "look for database %s", name)
	}
	return d, nil
}

// own lists the databases of the current role that carry a marker.
func own(ctx context.Context, conn *pgx.Conn) ([]*database, error) {
	rows, err := conn.Query(ctx, databaseColumns+"WHERE r.rolname = current_user ORDER BY 2")
	if err != nil {
		return nil, failed(err, "list the databases")
	}
	list, err := pgx.CollectRows(rows, scanDatabase)
	if err != nil {
		return nil, failed(err, "list the databases")
	}
	return slices.DeleteFunc(list, func(d *database) bool { return !d.marked }), nil
}

// digits gives the first digits of the hash of words.
func digits(n int, words ...string) string {
	h := sha256.New()
	for _, w := range words {
		_, _ = h.Write([]byte(w + "\x00")) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:n]
}

// templateName names the template of an ID and a role: what is in it belongs to
// that role, so another one could not use it.
func templateName(id, role string) string {
	const roleDigits = 8
	return templatePrefix + id[:leastID] + "_" + digits(roleDigits, role)
}

// besideName names the copy, or the old one, of a database.
func besideName(prefix, name string) string { return prefix + digits(leastID, name) }

// lockKey is the number of the advisory lock for a name.
func lockKey(name string) int64 {
	sum := sha256.Sum256([]byte("litehaul database " + name))
	return int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any 64 bits will do
}
