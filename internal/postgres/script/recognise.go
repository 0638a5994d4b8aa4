package script

import "slices"

// statement tells whether the tokens are a statement that archives have.
func (p *parser) statement() bool {
	switch {
	case p.words("set", "local"):
		return p.is(Setting, p.setting())
	case p.words("create"):
		return p.create()
	case p.words("alter", "table"):
		return p.alterTable()
	case p.words("alter", "sequence"):
		column := ""
		return p.is(OwnSequence, p.qualified(&p.s.Schema, &p.s.Object) && p.words("owned", "by") &&
			p.table(&p.s.Table) && p.symbol(".") && p.name(&column) && p.done())
	case p.words("analyze"):
		return p.is(Analyze, p.table(&p.s.Table) && p.done())
	case p.words("comment", "on"):
		return p.is(Comment, p.comment())
	case p.words("select"):
		return p.is(SetIdentity, p.setIdentity())
	case p.words("do"):
		return p.is(Try, p.try())
	}
	return false
}

// settings are those under which an archive's statements mean the same
// everywhere. None of them lets the role do more.
var settings = []string{
	"client_encoding", "standard_conforming_strings", "search_path", "statement_timeout", "lock_timeout",
	"idle_in_transaction_session_timeout", "transaction_timeout", "jit", "check_function_bodies",
	"datestyle", "intervalstyle", "timezone", "extra_float_digits", "bytea_output", "xmloption",
	"default_tablespace", "default_table_access_method",
}

// setting takes what follows SET LOCAL. Bytes of other encodings could look like
// quotes to one reader and not to the other.
func (p *parser) setting() bool {
	if !p.name(&p.s.Object) || !slices.Contains(settings, p.s.Object) || !p.symbol("=") && !p.words("to") {
		return false
	}
	value := ""
	switch p.s.Object {
	case "client_encoding":
		return p.constant(&value) && value == "UTF8" && p.done()
	case "standard_conforming_strings":
		return p.words("on") && p.done()
	}
	for p.value() {
		if p.done() {
			return true
		}
		if !p.symbol(",") {
			return false
		}
	}
	return false
}

// value takes one value of a setting.
func (p *parser) value() bool {
	if p.done() || p.tokens[p.at].class == symbol || p.tokens[p.at].class == dollar {
		return false
	}
	p.at++
	return true
}

// create takes what follows CREATE.
func (p *parser) create() bool {
	s := p.s
	switch {
	case p.words("schema", "if", "not", "exists"):
		return p.is(CreateSchema, p.name(&s.Object) && p.done())
	case p.words("extension", "if", "not", "exists"):
		return p.is(CreateExtension, p.name(&s.Object) && (!p.words("with", "schema") || p.name(&s.Schema)) && p.done())
	case p.words("table"), p.words("unlogged", "table"):
		return p.is(CreateTable, p.table(&s.Table) && p.bracket() && (!p.words("with") || p.bracket()) && p.done())
	case p.words("index"), p.words("unique", "index"):
		return p.is(CreateIndex, p.name(&s.Object) && p.words("on") && (p.words("only") || true) && p.table(&s.Table) && p.rest())
	case p.words("view"):
		return p.is(CreateView, p.qualified(&s.Schema, &s.Object) && p.view())
	case p.words("type"):
		return p.is(CreateType, p.qualified(&s.Schema, &s.Object) && p.words("as") && (p.words("enum") || true) && p.bracket() && p.done())
	case p.words("domain"):
		return p.is(CreateDomain, p.qualified(&s.Schema, &s.Object) && p.words("as") && p.rest())
	case p.words("sequence"):
		return p.is(CreateSequence, p.qualified(&s.Schema, &s.Object) && p.rest())
	}
	return false
}

// view takes what follows a view's name: columns, options, the query.
func (p *parser) view() bool {
	if !p.done() && p.tokens[p.at].is(symbol, "(") && !p.bracket() || p.words("with") && !p.bracket() || !p.words("as") {
		return false
	}
	p.at = len(p.tokens) // a query runs when the view is read
	return true
}

// alterTable takes what follows ALTER TABLE.
func (p *parser) alterTable() bool {
	s := p.s
	p.words("only")
	if !p.table(&s.Table) {
		return false
	}
	switch {
	case p.words("add", "constraint"):
		return p.name(&s.Object) && p.constraint()
	case p.words("validate", "constraint"):
		return p.is(Validate, p.name(&s.Object) && p.done())
	case p.words("alter"):
		p.words("column")
		return p.is(AlterTable, p.name(&s.Object) && p.oneOf("set", "add") && !p.words("data") && p.rest())
	case p.words("cluster", "on"), p.words("replica", "identity"):
		return p.is(AlterTable, p.rest())
	case p.words("set"):
		return p.is(AlterTable, p.bracket() && p.done())
	}
	return false
}

// constraint takes what follows a constraint's name.
func (p *parser) constraint() bool {
	switch {
	case p.words("primary", "key"), p.words("unique"):
		if p.words("using", "index") {
			return p.is(AddKey, p.name(&p.s.Index) && p.rest())
		}
		return p.is(AddConstraint, p.rest())
	case p.words("foreign", "key"):
		return p.is(AddForeignKey, p.bracket() && p.words("references") && p.table(&p.s.Parent) && p.rest())
	case p.words("check"), p.words("exclude"):
		return p.is(AddConstraint, p.rest())
	}
	return false
}

// comment takes what follows COMMENT ON.
func (p *parser) comment() bool {
	for _, kind := range []string{"table", "column", "index", "constraint", "view", "type", "domain", "sequence"} {
		if !p.words(kind) {
			continue
		}
		p.s.Object = kind
		for !p.done() && !p.words("is") {
			if t := p.tokens[p.at]; t.class != word && t.class != quoted && !t.is(symbol, ".") {
				return false
			}
			p.at++
		}
		value := ""
		return (p.constant(&value) || p.words("null")) && p.done()
	}
	return false
}
