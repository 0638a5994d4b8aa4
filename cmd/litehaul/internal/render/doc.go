// Package render writes reports, plans and query results as text for people,
// and reports as JSON for programs.
//
// Its output depends on nothing but its arguments, so that it is the same on
// every machine. Names and values come from files that litehaul does not
// trust: no control character in them ever reaches a terminal. It never reads a
// database and decides nothing.
package render
