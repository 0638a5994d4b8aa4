package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// compound gives the arms common column types and joins them.
func (b *builder) compound(s *syntax.Select, arms []*arm, names []string) (query, error) {
	n := len(arms[0].terms)
	for _, a := range arms {
		if len(a.terms) != n {
			return query{}, unsupported("compound SELECT", "its arms differ in their number of columns", "")
		}
	}
	if len(s.Ops) != len(arms)-1 {
		return query{}, unsupported("compound SELECT", "it is not complete", "")
	}
	columns, err := b.commonColumns(s, arms)
	if err != nil {
		return query{}, err
	}
	wanted := arms[0].names
	if len(names) > 0 {
		if len(names) != n {
			return query{}, unsupported("view", "it names "+strconv.Itoa(len(names))+" columns and selects "+strconv.Itoa(n), "")
		}
		wanted = names
	}
	q := query{wanted: wanted, terms: columns}
	unique := uniqueNames(wanted)
	for i, t := range columns {
		c := outputColumn(wanted[i], t)
		c.Target = unique[i]
		q.columns = append(q.columns, c)
	}
	for i, a := range arms {
		sql, err := a.write(unique)
		if err != nil {
			return query{}, err
		}
		q.sql = joinArms(q.sql, s.Ops, i, sql)
	}
	c := arms[0].core
	q.single = len(arms) == 1 && c.Values == nil && len(c.GroupBy) == 0 && arms[0].frame.group != nil || len(arms[0].rows) == 1 && len(arms) == 1
	return q, nil
}

// joinArms adds an arm. All operators bind alike and to the left in SQLite;
// INTERSECT binds tighter in Postgres, so the left side is put in parentheses
// where operators change.
func joinArms(left string, ops []string, i int, sql string) string {
	if i == 0 {
		return sql
	}
	if i > 1 && ops[i-1] != ops[i-2] {
		left = "(" + left + ")"
	}
	op := map[string]string{"UNION": "UNION", "UNION ALL": "UNION ALL", "INTERSECT": "INTERSECT", "EXCEPT": "EXCEPT"}[ops[i-1]]
	return left + " " + op + " " + sql
}

// commonColumns unifies each column over the arms and stores the converted
// terms in them.
func (b *builder) commonColumns(s *syntax.Select, arms []*arm) ([]term, error) {
	columns := make([]term, len(arms[0].terms))
	for i := range columns {
		all := make([]term, len(arms))
		for j, a := range arms {
			all[j] = a.terms[i]
		}
		if len(arms) == 1 {
			t, err := b.output(all[0])
			if err != nil {
				return nil, err
			}
			arms[0].terms[i], columns[i] = t, t
			continue
		}
		t, us, err := b.commonColumn(all)
		if err != nil {
			return nil, err
		}
		for j, a := range arms {
			a.terms[i] = us[j]
		}
		columns[i] = t
	}
	for j, op := range s.Ops {
		if op == "UNION ALL" {
			continue
		}
		if err := distinctable(op, append(append([]term(nil), arms[0].terms...), arms[j+1].terms...)); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// commonColumn unifies one column of a compound.
func (b *builder) commonColumn(all []term) (term, []term, error) {
	us, typ, err := b.unify("compound SELECT", all)
	if err != nil {
		return term{}, nil, err
	}
	for j, u := range us {
		switch {
		case u.isNull(), u.lit != nil && u.cls == clsText:
			us[j].sql = u.cast(typ.SQL())
		case typ.Kind == sqltype.Bool && u.cond:
			us[j] = recast(u, "int", sqltype.Int4)
		}
		us[j].cls = classOf(typ.Kind)
	}
	t := unified("", typ, us)
	if t.cond {
		t.typ.Kind, t.cls, t.cond = sqltype.Int4, clsInt, false
	}
	t.column, t.hasAff, t.aff, t.coll = false, all[0].hasAff, all[0].aff, all[0].coll
	t.collSet = all[0].collSet || all[0].column && all[0].coll != collBinary
	t.unit = us[0].unit
	for _, u := range us {
		if !u.isNull() && u.unit != t.unit {
			return term{}, nil, unsupported("compound SELECT", "its times had different forms in SQLite", "")
		}
	}
	return t, us, nil
}

// write gives an arm's text.
func (a *arm) write(names []string) (string, error) {
	if a.rows != nil {
		quoted := make([]string, len(names))
		for i, n := range names {
			q, err := ident(n)
			if err != nil {
				return "", err
			}
			quoted[i] = q
		}
		return `SELECT * FROM (` + a.writeValues() + `) AS "values" (` + strings.Join(quoted, ", ") + ")", nil
	}
	parts := make([]string, len(a.terms))
	for i, t := range a.terms {
		q, err := ident(names[i])
		if err != nil {
			return "", err
		}
		parts[i] = t.sql + " AS " + q
	}
	return a.head + strings.Join(parts, ", ") + a.rest, nil
}

// writeValues writes VALUES with the type of each column in every row.
func (a *arm) writeValues() string {
	rows := make([]string, len(a.rows))
	for i, r := range a.rows {
		parts := make([]string, len(r))
		for j, t := range r {
			parts[j] = t.cast(a.terms[j].typ.SQL())
		}
		rows[i] = "(" + strings.Join(parts, ", ") + ")"
	}
	return "VALUES " + strings.Join(rows, ", ")
}
