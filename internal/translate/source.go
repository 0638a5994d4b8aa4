package translate

import (
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// maxSourceDepth bounds trees whose text is compared or shown.
const maxSourceDepth = 60

// shortSource gives the text of a tree as SQLite would read it, to compare
// trees and to name columns that have no name; it is never sent to Postgres
// as SQL. ok is false when the tree is deep or holds a subquery.
func shortSource(e syntax.Expr) (text string, ok bool) {
	if e == nil || !shallow(e, maxSourceDepth) {
		return "", false
	}
	return syntax.Format(unquotedNames(e)), true
}

// unquotedNames makes a bare name comparable however it was quoted.
func unquotedNames(e syntax.Expr) syntax.Expr {
	if n, ok := e.(*syntax.Name); ok {
		return &syntax.Name{Schema: n.Schema, Table: foldASCII(n.Table), Column: foldASCII(n.Column)}
	}
	return e
}

// shallow tells that a tree has no more than depth levels and no subqueries.
func shallow(e syntax.Expr, depth int) bool {
	switch x := e.(type) {
	case nil:
		return true
	case *syntax.Exists, *syntax.Subquery:
		return false
	case *syntax.In:
		if x.Select != nil || x.Args != nil {
			return false
		}
	}
	if depth == 0 {
		return false
	}
	for _, c := range children(e) {
		if !shallow(c, depth-1) {
			return false
		}
	}
	return true
}
