package pipeline

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/planfile"
)

// ParseNameMap reads a map as --map takes it: table=table, table=schema.table or
// table.column=column. Names are taken as they are; one with a dot in it stands
// in double quotes.
func ParseNameMap(s string) (NameMap, error) {
	from, to, ok := planfile.CutName(s, '=')
	if !ok {
		return NameMap{}, fmt.Errorf("%q is not of the form table=schema.table or table.column=column", s)
	}
	left, err := planfile.SplitName(from)
	if err != nil {
		return NameMap{}, fmt.Errorf("%q: %w", s, err)
	}
	right, err := planfile.SplitName(to)
	if err != nil {
		return NameMap{}, fmt.Errorf("%q: %w", s, err)
	}
	switch {
	case len(left) == 1 && len(right) == 1:
		return NameMap{Table: left[0], Name: right[0]}, nil
	case len(left) == 1 && len(right) == 2:
		return NameMap{Table: left[0], Schema: right[0], Name: right[1]}, nil
	case len(left) == 2 && len(right) == 1:
		return NameMap{Table: left[0], Column: left[1], Name: right[0]}, nil
	}
	return NameMap{}, fmt.Errorf(`%q is not of the form table=schema.table or table.column=column; a name with a dot needs double quotes: "my.table"=app."x.y"`, s)
}
