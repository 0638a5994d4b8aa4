package syntax

// callable lists the keywords that stand unquoted as names of SQLite's own
// functions.
var callable = map[string]bool{
	"replace": true, "like": true, "glob": true, "match": true, "regexp": true, "if": true,
}

func (w *writer) call(c *Call) {
	if callable[c.Name] {
		w.put(c.Name)
	} else {
		w.put(quoteName(c.Name))
	}
	w.put("(")
	if c.Distinct {
		w.put("DISTINCT ")
	}
	if c.Star {
		w.put("*")
	}
	w.list(c.Args)
	w.orderBy(c.OrderBy)
	w.put(")")
	if c.Filter != nil {
		w.put(" FILTER (WHERE ")
		w.expr(c.Filter, precOr)
		w.put(")")
	}
	if c.Over == nil {
		return
	}
	w.put(" OVER ")
	if c.Over.Name != "" {
		w.put(quoteName(c.Over.Name))
		return
	}
	w.window(c.Over)
}

// window writes a definition in parentheses.
func (w *writer) window(win *Window) {
	w.put("(")
	if win.Base != "" {
		w.put(quoteName(win.Base))
	}
	if len(win.PartitionBy) > 0 {
		w.put(" PARTITION BY ")
		w.list(win.PartitionBy)
	}
	w.orderBy(win.OrderBy)
	if win.Frame != "" {
		w.put(" ", win.Frame)
	}
	w.put(")")
}

func (w *writer) orderBy(list []Ordering) {
	for i := range list {
		if i == 0 {
			w.put(" ORDER BY ")
		} else {
			w.put(", ")
		}
		w.expr(list[i].X, precOr)
		if list[i].Desc {
			w.put(" DESC")
		}
		if list[i].Nulls != "" {
			w.put(" NULLS ", list[i].Nulls)
		}
	}
}

func (w *writer) selectStmt(s *Select) {
	w.with(s)
	for i := range s.Cores {
		if i > 0 {
			w.put(" ", s.Ops[i-1], " ")
		}
		w.core(&s.Cores[i])
	}
	w.orderBy(s.OrderBy)
	if s.Limit != nil {
		w.put(" LIMIT ")
		w.expr(s.Limit, precOr)
	}
	if s.Offset != nil {
		w.put(" OFFSET ")
		w.expr(s.Offset, precOr)
	}
}

func (w *writer) with(s *Select) {
	for i := range s.With {
		switch {
		case i > 0:
			w.put(", ")
		case s.Recursive:
			w.put("WITH RECURSIVE ")
		default:
			w.put("WITH ")
		}
		c := &s.With[i]
		w.put(quoteName(c.Name))
		if c.Columns != nil {
			w.names(c.Columns)
		}
		w.put(" AS (")
		w.selectStmt(c.Select)
		w.put(")")
	}
	if len(s.With) > 0 {
		w.put(" ")
	}
}

// names writes names in parentheses.
func (w *writer) names(list []string) {
	w.put("(")
	for i, s := range list {
		if i > 0 {
			w.put(", ")
		}
		w.put(quoteName(s))
	}
	w.put(")")
}

func (w *writer) core(c *SelectCore) {
	if c.Values != nil {
		w.values(c.Values)
		return
	}
	w.put("SELECT ")
	if c.Distinct {
		w.put("DISTINCT ")
	}
	for i := range c.Columns {
		if i > 0 {
			w.put(", ")
		}
		w.resultColumn(&c.Columns[i])
	}
	if c.From != nil {
		w.put(" FROM ")
		w.source(c.From, false)
	}
	if c.Where != nil {
		w.put(" WHERE ")
		w.expr(c.Where, precOr)
	}
	if c.GroupBy != nil {
		w.put(" GROUP BY ")
		w.list(c.GroupBy)
	}
	if c.Having != nil {
		w.put(" HAVING ")
		w.expr(c.Having, precOr)
	}
	for i := range c.Windows {
		if i == 0 {
			w.put(" WINDOW ")
		} else {
			w.put(", ")
		}
		w.put(quoteName(c.Windows[i].Name), " AS ")
		w.window(&c.Windows[i].Window)
	}
}

func (w *writer) values(rows [][]Expr) {
	w.put("VALUES ")
	for i, row := range rows {
		if i > 0 {
			w.put(", ")
		}
		w.args(row)
	}
}

func (w *writer) resultColumn(c *ResultColumn) {
	switch {
	case c.Star && c.Table != "":
		w.put(quoteName(c.Table), ".*")
	case c.Star:
		w.put("*")
	default:
		w.expr(c.X, precOr)
		w.alias(c.Alias)
	}
}

func (w *writer) alias(s string) {
	if s != "" {
		w.put(" AS ", quoteName(s))
	}
}

// source writes what stands in FROM. A join that is the right side of another
// one, or has an alias, needs parentheses.
func (w *writer) source(s *Source, right bool) {
	if s.Join != "" {
		w.join(s, right || s.Alias != "")
	} else if s.Select != nil {
		w.put("(")
		w.selectStmt(s.Select)
		w.put(")")
	} else {
		w.table(s.Schema, s.Table)
		if s.Args != nil {
			w.args(s.Args)
		}
	}
	w.alias(s.Alias)
}

func (w *writer) join(s *Source, parens bool) {
	if parens {
		w.put("(")
		defer w.put(")")
	}
	w.source(s.Left, false)
	w.put(" ")
	if s.Natural {
		w.put("NATURAL ")
	}
	w.put(s.Join, " JOIN ")
	w.source(s.Right, true)
	if s.On != nil {
		w.put(" ON ")
		w.expr(s.On, precOr)
	}
	if s.Using != nil {
		w.put(" USING ")
		w.names(s.Using)
	}
}

func (w *writer) table(schema, name string) {
	if schema != "" {
		w.put(quoteName(schema), ".")
	}
	w.put(quoteName(name))
}
