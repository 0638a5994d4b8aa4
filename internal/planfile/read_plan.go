package planfile

import (
	"github.com/goccy/go-yaml/ast"
)

// file reads the whole plan.
func (r *reader) file(body ast.Node) error {
	entries, err := r.known(body, Pos{1, 1}, "the plan", planFields)
	if err != nil {
		return err
	}
	// The version first: of another one, other keys may be right.
	if err := r.version(entries); err != nil {
		return err
	}
	p := r.plan
	for _, e := range entries {
		switch e.key {
		case "source":
			err = r.source(e)
		case "into":
			p.Into, p.IntoPos, err = r.word(e, intos)
		case "schema":
			p.Schema, p.SchemaPos, err = r.value(e)
		case "policies":
			err = r.policies(e)
		case "tables":
			err = r.tables(e)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case p.Into == "":
		return r.fail(Pos{}, "the key into is missing: must be %s", orList(intos))
	case len(p.Tables) == 0:
		return r.fail(Pos{}, "the key tables is missing")
	case p.Schema == "":
		return r.fail(p.SchemaPos, "the key schema is missing or empty")
	}
	return nil
}

func (r *reader) version(entries []entry) error {
	for _, e := range entries {
		if e.key != "version" {
			continue
		}
		v, pos, err := r.count(e)
		if err == nil && v != Version {
			err = r.fail(pos, "version is %d, and this litehaul reads %d", v, Version)
		}
		return err
	}
	return r.fail(Pos{}, "the key version is missing: this litehaul reads version: %d", Version)
}

func (r *reader) source(e entry) error {
	entries, err := r.known(e.value, e.pos, "source", sourceFields)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.key {
		case "file":
			r.plan.Source.File, r.plan.Source.Pos, err = r.value(e)
		case "hash":
			r.plan.Source.Hash, _, err = r.value(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) policies(e entry) error {
	entries, err := r.mapping(e.value, e.pos, "policies")
	if err != nil {
		return err
	}
	names := make([]string, len(r.words.Policies))
	for i, c := range r.words.Policies {
		names[i] = c.Name
	}
	for _, e := range entries {
		if err := r.oneOf(e.pos, "policy", e.key, names); err != nil {
			return err
		}
		choice := r.words.policy(e.key)
		v, pos, err := r.value(e)
		if err != nil {
			return err
		}
		if choice.Allowed != nil {
			err = r.allowed(pos, e.key, v, choice.Allowed)
		} else if bad := choice.Check(v); bad != nil {
			err = r.fail(pos, "%v", bad)
		}
		if err != nil {
			return err
		}
		r.plan.Policies = append(r.plan.Policies, Policy{Name: e.key, Value: v, Allowed: choice.Allowed, Pos: pos})
	}
	return nil
}

func (r *reader) tables(e entry) error {
	entries, err := r.mapping(e.value, e.pos, "tables")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[foldASCII(e.key)] {
			return r.fail(e.pos, "table %s stands here twice: SQLite's names have no case", e.key)
		}
		seen[foldASCII(e.key)] = true
		t, err := r.table(e)
		if err != nil {
			return err
		}
		r.plan.Tables = append(r.plan.Tables, t)
	}
	return nil
}

func (r *reader) table(e entry) (Table, error) {
	t := Table{Name: e.key, Pos: e.pos, Action: Load, Rows: -1}
	entries, err := r.known(e.value, e.pos, "table "+e.key, tableFields)
	if err != nil {
		return t, err
	}
	for _, e := range entries {
		var s string
		switch e.key {
		case "action":
			s, t.ActionPos, err = r.word(e, tableActions)
			t.Action = Action(s)
		case "rows":
			t.Rows, t.RowsPos, err = r.count(e)
		case "to":
			if s, t.ToPos, err = r.value(e); err == nil {
				if t.To, err = ParseName(s); err != nil {
					err = r.fail(t.ToPos, "to: %v", err)
				}
			}
		case "source":
			t.Source, _, err = r.value(e)
		case "target":
			t.Target, _, err = r.value(e)
		case "columns":
			err = r.columns(&t, e)
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

func (r *reader) columns(t *Table, e entry) error {
	entries, err := r.mapping(e.value, e.pos, "columns")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[foldASCII(e.key)] {
			return r.fail(e.pos, "column %s stands here twice: SQLite's names have no case", e.key)
		}
		seen[foldASCII(e.key)] = true
		c, err := r.column(t, e)
		if err != nil {
			return err
		}
		t.Columns = append(t.Columns, c)
	}
	return nil
}

func (r *reader) column(t *Table, e entry) (Column, error) {
	c := Column{Name: e.key, Pos: e.pos, Action: Load}
	if _, null := e.value.(*ast.NullNode); null || e.value == nil {
		return c, nil // nothing is said of it
	}
	entries, err := r.known(e.value, e.pos, "column "+t.Name+"."+e.key, columnFields)
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		var s string
		switch e.key {
		case "declared":
			c.Declared, c.DeclaredPos, err = r.value(e)
		case "action":
			s, c.ActionPos, err = r.word(e, columnActions)
			c.Action = Action(s)
		case "to":
			c.To, c.ToPos, err = r.value(e)
		case "type":
			if c.Type, c.TypePos, err = r.value(e); err == nil && c.Type == "" {
				err = r.fail(c.TypePos, "type is empty")
			}
		case "form":
			err = r.forms(&c, e)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// forms reads one form, or a list of them.
func (r *reader) forms(c *Column, e entry) error {
	list := []ast.Node{e.value}
	if seq, ok := e.value.(*ast.SequenceNode); ok {
		list = seq.Values
	}
	for _, n := range list {
		s, pos, err := r.value(entry{e.key, e.pos, n})
		if err != nil {
			return err
		}
		if err := r.allowed(pos, "form", s, r.words.Forms); err != nil {
			return err
		}
		if c.FormPos == (Pos{}) {
			c.FormPos = pos
		}
		c.Forms = append(c.Forms, s)
	}
	return nil
}
