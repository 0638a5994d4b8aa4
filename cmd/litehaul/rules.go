package main

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/typemap"
)

// columnRules collects the rules of --type and --form. Rules of both flags for
// one column become one.
type columnRules struct {
	rules []pipeline.ColumnRule
}

// ruleFlag is one of the two flags.
type ruleFlag struct {
	all    *columnRules
	isForm bool
	words  []string // as they were given
}

// given gives the values of the flag, to be written again.
func (f *ruleFlag) given() []string { return f.words }

// String gives nothing: the flags have no default.
func (f *ruleFlag) String() string { return "" }

// Type names the value in help texts.
func (f *ruleFlag) Type() string {
	if f.isForm {
		return "COLUMN=FORM"
	}
	return "COLUMN=TYPE"
}

// Set takes rules, several of them with semicolons between, as an environment
// variable has to.
func (f *ruleFlag) Set(s string) error {
	f.words = append(f.words, s)
	return eachWord(s, f.add)
}

// eachWord hands over what stands between semicolons that are in no quotes.
func eachWord(s string, add func(string) error) error {
	for s != "" {
		var one string
		one, s = cutUnquoted(s, ';')
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		if err := add(one); err != nil {
			return err
		}
	}
	return nil
}

// add takes one rule: table.column=type.
func (f *ruleFlag) add(s string) error {
	name, value := cutUnquoted(s, '=')
	table, column := cutUnquoted(name, '.')
	value = strings.TrimSpace(value)
	rule := pipeline.ColumnRule{}
	var err error
	if rule.Table, err = unquote(table); err != nil {
		return err
	}
	if rule.Column, err = unquote(column); err != nil {
		return err
	}
	if rule.Table == "" || rule.Column == "" || value == "" {
		return fmt.Errorf("%q is not of the form table.column=value", s)
	}
	if f.isForm {
		rule.Form = value
		_, err = typemap.ParseForm(value)
	} else {
		rule.Type = value
		_, err = typemap.ParseType(value)
	}
	if err != nil {
		return err //nolint:wrapcheck // names the value; flagError names the flag
	}
	return f.all.merge(rule)
}

// merge joins a rule with the one of the same column, if there is one.
func (r *columnRules) merge(rule pipeline.ColumnRule) error {
	for i := range r.rules {
		old := &r.rules[i]
		if !strings.EqualFold(old.Table, rule.Table) || !strings.EqualFold(old.Column, rule.Column) {
			continue
		}
		if old.Type != "" && rule.Type != "" || old.Form != "" && rule.Form != "" {
			return fmt.Errorf("column %s.%s is named twice", rule.Table, rule.Column)
		}
		old.Type += rule.Type
		old.Form += rule.Form
		return nil
	}
	r.rules = append(r.rules, rule)
	return nil
}

// cutUnquoted cuts s at the first sep that stands outside of double quotes.
func cutUnquoted(s string, sep byte) (before, after string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// unquote reads a name as it is, or in double quotes, with "" for a quote.
func unquote(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		if strings.ContainsAny(s, `".`) {
			return "", fmt.Errorf(`name %s needs double quotes: "my.table"."my column"=type`, s)
		}
		return s, nil
	}
	inner, ok := strings.CutSuffix(s[1:], `"`)
	if !ok || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return "", fmt.Errorf("name %s is not quoted well", s)
	}
	return strings.ReplaceAll(inner, `""`, `"`), nil
}
