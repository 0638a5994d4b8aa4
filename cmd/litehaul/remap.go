package main

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// remapFlag is the value of --remap: natural keys of tables.
type remapFlag struct {
	all []pipeline.Remap
}

// String gives nothing: the flag has no default.
func (f *remapFlag) String() string { return "" }

// Type names the value in help texts.
func (f *remapFlag) Type() string { return "TABLE=COLUMN,..." }

// Set takes natural keys, several of them with semicolons between, as an
// environment variable has to.
func (f *remapFlag) Set(s string) error {
	return eachWord(s, f.add)
}

// add takes one: table=column,column.
func (f *remapFlag) add(s string) error {
	name, list := cutUnquoted(s, '=')
	m := pipeline.Remap{}
	var err error
	if m.Table, err = unquote(name); err != nil {
		return err
	}
	for list != "" {
		var one string
		one, list = cutUnquoted(list, ',')
		column, err := unquote(one)
		if err != nil {
			return err
		}
		if column != "" {
			m.Key = append(m.Key, column)
		}
	}
	if m.Table == "" || len(m.Key) == 0 {
		return fmt.Errorf("%q is not of the form table=column,column", s)
	}
	for _, old := range f.all {
		if strings.EqualFold(old.Table, m.Table) {
			return fmt.Errorf("table %s is named twice", m.Table)
		}
	}
	f.all = append(f.all, m)
	return nil
}
