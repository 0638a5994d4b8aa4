// Package globs chooses tables by the globs of --tables and --exclude.
package globs

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Choice is what the user wants of some tables. Case does not matter.
type Choice struct {
	in, out []string
	used    map[string]bool
}

// New chooses the tables that match one of tables, all of them if there is none,
// and none of exclude.
func New(tables, exclude []string) *Choice {
	return &Choice{in: tables, out: exclude, used: map[string]bool{}}
}

// Takes tells whether a table is chosen. A glob is held against its name and, if it
// has a dot, against schema.name too: without one, p* would be all of public. A
// table of SQLite has no schema, "". An error names a glob that is none.
func (c *Choice) Takes(schema, name string) (bool, error) {
	in, err := c.match(c.in, schema, name)
	if err != nil {
		return false, err
	}
	out, err := c.match(c.out, schema, name)
	return (len(c.in) == 0 || in) && !out, err
}

// match tries all globs: each of them is of use if it matches anything.
func (c *Choice) match(globs []string, schema, name string) (hit bool, err error) {
	for _, g := range globs {
		names := []string{name}
		if schema != "" && strings.Contains(g, ".") {
			names = append(names, schema+"."+name)
		}
		for _, n := range names {
			ok, err := path.Match(strings.ToLower(g), strings.ToLower(n))
			if err != nil {
				return false, fmt.Errorf("glob %q: %w", g, err)
			}
			if ok {
				c.used[g], hit = true, true
			}
		}
	}
	return hit, nil
}

// Unmatched gives the first glob that has matched no table so far, ok if there is
// one.
func (c *Choice) Unmatched() (glob string, ok bool) {
	for _, g := range slices.Concat(c.in, c.out) {
		if !c.used[g] {
			return g, true
		}
	}
	return "", false
}
