// Package swap replaces tables by new ones of the same shape: these are made and
// filled in a schema beside, and take the place of the old ones in one short
// transaction, until whose end others read the old rows.
//
// A Plan has the statements that make all that is on the old tables on the new
// ones. Rehearse runs them on tables without rows and compares: what they would
// lose is found before anything is written. Objections finds what holds on to the
// tables themselves, such as views.
package swap
