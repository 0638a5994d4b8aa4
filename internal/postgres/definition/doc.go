// Package definition writes down what stands in the schemas of a database as the
// statements that make it again: types, functions, tables, keys, indexes, views,
// triggers and comments, in an order in which each finds what it needs.
//
// It asks the system catalogs alone, which every role may read, and takes
// expressions and bodies as the server writes them. What it cannot write, or what
// needs such a thing, is told and never passed over in silence. It reads no row of
// a table, runs none of its statements, and leaves to its caller what belongs to
// a server or to roles: owners, rights, tablespaces.
package definition
