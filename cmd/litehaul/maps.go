package main

import "github.com/litehaul/litehaul/pipeline"

// mapFlag is the value of --map.
type mapFlag []pipeline.NameMap

// String gives nothing: the flag has no default.
func (f *mapFlag) String() string { return "" }

// Type names the value in help texts.
func (f *mapFlag) Type() string { return "NAME=NAME" }

// Set takes maps, several of them with semicolons between, as an environment
// variable has to.
func (f *mapFlag) Set(s string) error {
	return eachWord(s, func(one string) error {
		m, err := pipeline.ParseNameMap(one)
		if err != nil {
			return err //nolint:wrapcheck // names the value; flagError names the flag
		}
		*f = append(*f, m)
		return nil
	})
}
