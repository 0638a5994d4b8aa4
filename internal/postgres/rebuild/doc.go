// Package rebuild takes secondary indexes and foreign keys off live tables for
// a load, switches their triggers off, and puts all of it back as it was.
//
// Before anything goes, the statements that bring it back are written to a
// control table in the same schema, in the same transaction; and they leave it
// in the transaction that brings it back. So at every moment, whoever is killed,
// an object stands or its DDL does, and "litehaul repair" can finish the work.
//
// The statements are Postgres' own (pg_get_indexdef, pg_get_constraintdef),
// with every name qualified; nothing from a SQLite file is ever in them. What
// the role could not put back, or not exactly, is left alone and reported (see
// Kept). Primary keys, unique and exclusion constraints always stay. The package
// never sets session_replication_role and needs no superuser.
package rebuild
