// Package template gives a fresh, filled database within a moment, again and
// again: what is to be in it is loaded once, into a template database, and CREATE
// DATABASE copies that.
//
// A template is named by what it was filled from and by the role it belongs to,
// and carries a comment that tells a finished one from one that was left half
// made. Runs that come at once make it once: they take locks on the maintenance
// database, to which they connect. A database that stands is exchanged for its
// fresh copy in one transaction, so that its name is never missing, and only
// databases that this package made are exchanged without a question. The role
// needs CREATEDB and nothing else.
//
// The package does not know what fills a template, and prints nothing.
package template
