// Package catalog reads what stands in the schemas that litehaul loads into:
// relations with their columns, types, keys, constraints, indexes and triggers,
// who owns them, and what the role may do with them.
//
// It asks the system catalogs alone, which every role may read, one query per
// kind of object for all relations together, in one snapshot. It never writes,
// and it never reads a row of a table but where a caller asks for that
// (Populated, Count). Servers from PostgreSQL 12 on are understood.
package catalog
