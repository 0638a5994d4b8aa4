package pipeline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
	"github.com/litehaul/litehaul/typemap"
)

const citextKind = sqltype.Citext

// planCitext decides what COLLATE NOCASE becomes: citext where the target has
// it or lets this role add it, text with lower() indexes elsewhere.
func (r *run) planCitext(p *plan) {
	r.settleNoCase()
	columns := 0
	for _, t := range p.tables {
		for _, blind := range t.nocase {
			if blind {
				columns++
			}
		}
	}
	if columns == 0 || r.cfg.NoCase == NoCaseLower {
		return
	}
	s := r.server
	p.citext = r.citextSchema()
	switch {
	case s == nil && p.citext == "":
		return // inspect: no target to ask
	case s != nil && p.citext != "" && s.CitextSchema == "":
		p.before = append(p.before, "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA "+postgres.Quote(p.schema))
		r.note(fmt.Sprintf("extension citext is created in schema %s for %d COLLATE NOCASE columns (--nocase=lower does without)", p.schema, columns))
	case p.citext == "" && r.cfg.NoCase == NoCaseCitext:
		r.hazard(Hazard{
			Code: "no-citext", Count: int64(columns),
			Message: "the target does not offer the extension citext to this role",
			Hint:    "--nocase=lower keeps text and makes unique indexes over lower()",
		})
	}
	if p.citext == "" {
		r.note(fmt.Sprintf("%d COLLATE NOCASE columns become text; their keys and indexes go over lower()", columns))
		return
	}
	r.note("COLLATE NOCASE folds ASCII letters only; citext folds all letters of the database's locale")
}

// citextSchema gives the schema of citext in the target, "" to do without.
func (r *run) citextSchema() string {
	s := r.server
	switch {
	case r.cfg.NoCase == NoCaseLower:
		return ""
	case s == nil && r.cfg.NoCase == NoCaseCitext && r.cfg.Fixture.Path != "":
		return r.cfg.Schema // where a database gets it that lacks it
	case s == nil:
		return ""
	case s.CitextSchema != "":
		return s.CitextSchema
	case s.CitextAvailable && s.CreateSchema:
		return r.cfg.Schema
	}
	return ""
}

// settleNoCase decides which columns of the tables that the run makes compare
// without case. Those are the texts with COLLATE NOCASE; but a column that
// references another one goes by that one, by whose collation SQLite looks for the
// parent: Postgres ties citext to citext only.
func (r *run) settleNoCase() {
	bySrc := map[*schema.Table]*table{}
	for _, t := range r.own() {
		bySrc[t.src] = t
		t.nocase = make([]bool, len(t.src.Columns))
		for i, c := range t.src.Columns {
			t.nocase[i] = c.Collation == "NOCASE" && t.decisions[i].Type.IsText()
		}
	}
	for range bySrc { // a chain of references is no longer than this
		same := true
		for _, t := range r.own() {
			for _, fk := range t.src.ForeignKeys {
				src, cols := resolveParent(r.schema, fk)
				parent := bySrc[src]
				if parent == nil || len(cols) != len(fk.Columns) {
					continue
				}
				for i, c := range fk.Columns {
					if blind := parent.nocase[cols[i]]; t.nocase[c] != blind && t.decisions[c].Type.IsText() {
						t.nocase[c], same = blind, false
					}
				}
			}
		}
		if same {
			return
		}
	}
}

// translateUnit tells package translate how numbers of a column told time.
func translateUnit(d typemap.Decision) translate.Unit {
	switch d.Int {
	case form.Seconds:
		return translate.Seconds
	case form.Millis:
		return translate.Milliseconds
	case form.Micros:
		return translate.Microseconds
	case form.Nanos:
		return translate.Nanoseconds
	}
	return translate.NoUnit
}

// planDefaults rebuilds the defaults of a table's columns.
func (r *run) planDefaults(t *table) {
	for i := range t.columns {
		c := &t.columns[i]
		if c.skip || c.src.DefaultSQL == "" || c.identity || c.src.Generated != schema.NotGenerated {
			continue
		}
		if strings.EqualFold(c.src.DefaultSQL, "null") {
			continue
		}
		obj := Object{Kind: "default", Table: t.src.Name, Name: c.src.Name, Source: c.src.DefaultSQL}
		if c.src.Default == nil {
			r.leaveOut(obj, errors.New("its text could not be parsed"))
			continue
		}
		sql, err := translate.DefaultFor(c.src.Default, translate.Column{Type: c.decision.Type, Unit: translateUnit(c.decision), Local: t.local(i)})
		if err != nil {
			r.leaveOut(obj, err)
			continue
		}
		c.def = sql
		obj.Status, obj.Target = "carried", sql
		r.object(obj)
	}
}

// planGenerated rebuilds generated columns, or makes plain ones of them.
func (r *run) planGenerated(p *plan, t *table) {
	t.wire = t.wire[:0]
	rel := p.relations[t]
	for i := range t.columns {
		c := &t.columns[i]
		if c.skip {
			continue
		}
		if c.src.Generated == schema.NotGenerated || t.virtual {
			t.wire = append(t.wire, i)
			continue
		}
		sql, err := r.generation(t, c, rel)
		obj := Object{Kind: "generated", Table: t.src.Name, Name: c.src.Name, Source: c.src.GenSQL}
		if err != nil {
			t.wire = append(t.wire, i)
			obj.Status, obj.Why = "changed", "a plain column with the computed values: "+err.Error()
			obj.Suggestion = suggestion(err)
			r.object(obj)
			continue
		}
		c.generated = sql
		obj.Status, obj.Target = "carried", sql
		if c.src.Generated == schema.Virtual {
			obj.Status, obj.Why = "changed", "virtual in SQLite, stored in Postgres"
		}
		r.object(obj)
	}
}

func (r *run) generation(t *table, c *column, rel *translate.Relation) (string, error) {
	switch {
	case r.cfg.GeneratedValues:
		return "", errors.New("by --generated=values")
	case c.src.Generator == nil:
		return "", errors.New("its expression could not be parsed")
	case c.src.PKOrdinal > 0:
		return "", errors.New("it is part of the primary key")
	}
	usesGenerated := ""
	syntax.Walk(c.src.Generator, func(e syntax.Expr) bool {
		if n, ok := e.(*syntax.Name); ok {
			if i := t.src.Column(n.Column); i >= 0 && t.src.Columns[i].Generated != schema.NotGenerated {
				usesGenerated = n.Column
			}
		}
		return true
	})
	if usesGenerated != "" {
		return "", fmt.Errorf("it reads the generated column %s, which Postgres does not allow", usesGenerated)
	}
	res, err := translate.Expr(c.src.Generator, rel, translate.Want{Context: translate.Generated, Type: c.decision.Type})
	if err != nil {
		return "", err
	}
	return res.SQL, nil
}

// leaveOut reports an object that is not carried over.
func (r *run) leaveOut(o Object, err error) {
	o.Status, o.Why = "left out", err.Error()
	if s := suggestion(err); s != "" {
		o.Suggestion = s
	}
	r.object(o)
}

func suggestion(err error) string {
	var u *translate.Unsupported
	if errors.As(err, &u) {
		return u.Suggestion
	}
	return ""
}
