// Package postgres is the target's side: connecting as libpq would, knowing
// what the server and the role allow, reading the catalog, and writing DDL.
//
// Every identifier it writes is quoted and every relation schema-qualified, so
// that no setting of the session (search_path, quoting rules) changes what a
// statement means. It needs no superuser and never sets
// session_replication_role.
package postgres
