package syntax

import (
	"encoding/hex"
	"strings"
)

// Format writes a tree back as SQLite SQL. Parsing that text gives an equal
// tree. It is meant for reports and tests: names come quoted where a keyword
// or an odd character asks for it, parentheses stand where they are needed.
func Format(e Expr) string {
	var w writer
	w.expr(e, precOr)
	return w.String()
}

// FormatSelect writes a SELECT back as SQLite SQL.
func FormatSelect(s *Select) string {
	var w writer
	w.selectStmt(s)
	return w.String()
}

// writer builds SQL text.
type writer struct{ strings.Builder }

// put writes its parts one after the other.
func (w *writer) put(parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s) // a Builder never fails
	}
}

// precOf gives how strongly the operator of e binds.
func precOf(e Expr) uint8 {
	switch e := e.(type) {
	case *Binary:
		return binaryPrec[e.Op]
	case *Unary:
		if e.Op == "NOT" {
			return precNot
		}
		return precUnary
	case *Is, *Like, *Between, *In:
		return precEqual
	case *Collate:
		return precCollate
	}
	return precOperand
}

// binaryPrec is the precedence of each Op of a Binary.
var binaryPrec = func() map[string]uint8 {
	m := map[string]uint8{}
	for _, in := range infixes {
		if in.op != "" {
			m[in.op] = in.prec
		}
	}
	return m
}()

// expr writes e, in parentheses if it binds more weakly than lowest.
func (w *writer) expr(e Expr, lowest uint8) {
	prec := precOf(e)
	if prec < lowest {
		w.put("(")
		defer w.put(")")
	}
	switch e := e.(type) {
	case *Binary:
		w.expr(e.L, prec)
		w.put(" ", e.Op, " ")
		w.expr(e.R, prec+1)
	case *Unary:
		w.unary(e)
	case *Is:
		w.expr(e.L, prec)
		w.put(" IS ", not(e.Not))
		w.expr(e.R, prec+1)
	case *Like:
		w.like(e)
	case *Between:
		w.expr(e.X, prec)
		w.put(" ", not(e.Not), "BETWEEN ")
		w.expr(e.Lo, prec+1)
		w.put(" AND ")
		w.expr(e.Hi, prec+1)
	case *In:
		w.in(e)
	case *Collate:
		w.expr(e.X, prec)
		w.put(" COLLATE ", quoteName(e.Collation))
	default:
		w.operand(e)
	}
}

func not(b bool) string {
	if b {
		return "NOT "
	}
	return ""
}

func (w *writer) unary(u *Unary) {
	w.put(u.Op)
	if u.Op == "NOT" {
		w.put(" ")
		w.expr(u.X, precNot)
		return
	}
	if x, ok := u.X.(*Unary); ok && x.Op == "-" {
		w.put(" ") // two minus signs would begin a comment
	}
	w.expr(u.X, precUnary)
}

func (w *writer) like(l *Like) {
	w.expr(l.X, precEqual)
	w.put(" ", not(l.Not), l.Op, " ")
	w.expr(l.Pattern, precEqual+1)
	if l.Escape != nil {
		w.put(" ESCAPE ")
		w.expr(l.Escape, precEqual+1)
	}
}

func (w *writer) in(in *In) {
	w.expr(in.X, precEqual)
	w.put(" ", not(in.Not), "IN ")
	switch {
	case in.Select != nil:
		w.put("(")
		w.selectStmt(in.Select)
		w.put(")")
	case in.List != nil:
		w.args(in.List)
	default:
		w.table(in.Schema, in.Table)
		if in.Args != nil {
			w.args(in.Args)
		}
	}
}

// operand writes what needs no parentheses anywhere.
func (w *writer) operand(e Expr) {
	switch e := e.(type) {
	case *Literal:
		w.literal(e)
	case *Name:
		w.name(e)
	case *Bind:
		w.put(e.Text)
	case *Cast:
		w.put("CAST(")
		w.expr(e.X, precOr)
		w.put(" AS ", quoteType(e.Type), ")")
	case *Case:
		w.caseExpr(e)
	case *Call:
		w.call(e)
	case *Exists:
		w.put("EXISTS (")
		w.selectStmt(e.Select)
		w.put(")")
	case *Subquery:
		w.put("(")
		w.selectStmt(e.Select)
		w.put(")")
	case *Tuple:
		w.args(e.List)
	case *Raise:
		w.put("RAISE(", e.Text, ")")
	}
}

func (w *writer) literal(l *Literal) {
	switch l.Kind {
	case LitNull:
		w.put("NULL")
	case LitInt, LitFloat:
		w.put(l.Text)
	case LitString:
		w.put("'", strings.ReplaceAll(l.Text, "'", "''"), "'")
	case LitBlob:
		w.put("x'", hex.EncodeToString([]byte(l.Text)), "'")
	case LitTrue:
		w.put("TRUE")
	case LitFalse:
		w.put("FALSE")
	case LitCurrentTime:
		w.put("CURRENT_TIME")
	case LitCurrentDate:
		w.put("CURRENT_DATE")
	case LitCurrentTimestamp:
		w.put("CURRENT_TIMESTAMP")
	}
}

// name writes a column reference. Only a name that stood in double quotes gets
// them again, for they let SQLite read it as a string.
func (w *writer) name(n *Name) {
	if n.Schema != "" {
		w.put(quoteName(n.Schema), ".")
	}
	if n.Table != "" {
		w.put(quoteName(n.Table), ".")
	}
	switch {
	case n.DoubleQuoted:
		w.put(quote(n.Column, `"`))
	case isPlain(n.Column) && truth(n.Column) == nil:
		w.put(n.Column)
	default:
		w.put(quote(n.Column, "`"))
	}
}

func (w *writer) caseExpr(c *Case) {
	w.put("CASE")
	if c.Operand != nil {
		w.put(" ")
		w.expr(c.Operand, precOr)
	}
	for _, when := range c.Whens {
		w.put(" WHEN ")
		w.expr(when.Cond, precOr)
		w.put(" THEN ")
		w.expr(when.Result, precOr)
	}
	if c.Else != nil {
		w.put(" ELSE ")
		w.expr(c.Else, precOr)
	}
	w.put(" END")
}

// args writes a list in parentheses.
func (w *writer) args(list []Expr) {
	w.put("(")
	w.list(list)
	w.put(")")
}

func (w *writer) list(list []Expr) {
	for i, e := range list {
		if i > 0 {
			w.put(", ")
		}
		w.expr(e, precOr)
	}
}

// quoteName puts a name into double quotes where it needs quotes.
func quoteName(s string) string {
	if isPlain(s) {
		return s
	}
	return quote(s, `"`)
}

func quote(s, q string) string { return q + strings.ReplaceAll(s, q, q+q) + q }

// quoteType puts a type into quotes where without them it would not be itself.
func quoteType(s string) string {
	p := newParser(s)
	if p.typeName() == s && p.at(tkEOF) && p.err == nil {
		return s
	}
	return quote(s, `"`)
}

// isPlain tells whether s is an identifier and no keyword.
func isPlain(s string) bool {
	if s == "" || s[0] == '$' || isDigit(s[0]) || strings.HasPrefix(s, byteOrderMark) {
		return false
	}
	for i := range len(s) {
		if !idChar[s[i]] {
			return false
		}
	}
	return keywordKind(s) == tkIdent
}
