// Package script writes and reads the SQL that a fixture archive carries: it takes a
// script apart into statements and tells of each what it does, as far as a guard and
// a schedule have to know: the kind, the table and the objects that it names.
//
// It knows the statements that archives are written with, and no others: what it
// does not recognise is an error. So a script that was read holds no DROP, no
// GRANT, no function and no query but those inside of definitions. Expressions
// and queries in definitions are not looked into.
//
// Statements that a server may refuse stand in DO blocks of one form (Try), which
// this package writes and reads.
package script
