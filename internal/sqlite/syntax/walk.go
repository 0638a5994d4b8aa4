package syntax

// Walk calls f for e and, where f gives true, for all expressions below it,
// parents first, in source order, also within subqueries. A nil e is no
// expression.
func Walk(e Expr, f func(Expr) bool) {
	w := walker{expr: f}
	w.walk(e)
}

// WalkSelect calls f as Walk does for every expression of a SELECT.
func WalkSelect(s *Select, f func(Expr) bool) {
	w := walker{expr: f}
	w.selects(s)
}

// WalkSources calls f for every table, table function, subquery and join that
// stands in a FROM of the SELECT, also within its subqueries. Names of CTEs
// are among the tables; the tables of x IN table are not (see In).
func WalkSources(s *Select, f func(*Source)) {
	w := walker{expr: func(Expr) bool { return true }, source: f}
	w.selects(s)
}

type walker struct {
	expr   func(Expr) bool
	source func(*Source) // or nil
}

func (w *walker) walk(e Expr) {
	if e == nil || !w.expr(e) {
		return
	}
	switch e := e.(type) {
	case *Unary:
		w.walk(e.X)
	case *Binary:
		w.walk(e.L)
		w.walk(e.R)
	case *Is:
		w.walk(e.L)
		w.walk(e.R)
	case *Like:
		w.walk(e.X)
		w.walk(e.Pattern)
		w.walk(e.Escape)
	case *Between:
		w.walk(e.X)
		w.walk(e.Lo)
		w.walk(e.Hi)
	case *In:
		w.walk(e.X)
		w.list(e.List)
		w.list(e.Args)
		w.selects(e.Select)
	case *Collate:
		w.walk(e.X)
	case *Cast:
		w.walk(e.X)
	case *Case:
		w.cases(e)
	case *Call:
		w.call(e)
	case *Exists:
		w.selects(e.Select)
	case *Subquery:
		w.selects(e.Select)
	case *Tuple:
		w.list(e.List)
	}
}

func (w *walker) cases(c *Case) {
	w.walk(c.Operand)
	for _, when := range c.Whens {
		w.walk(when.Cond)
		w.walk(when.Result)
	}
	w.walk(c.Else)
}

func (w *walker) call(c *Call) {
	w.list(c.Args)
	w.orderings(c.OrderBy)
	w.walk(c.Filter)
	if c.Over != nil {
		w.window(c.Over)
	}
}

func (w *walker) window(win *Window) {
	w.list(win.PartitionBy)
	w.orderings(win.OrderBy)
	w.list(win.Bounds)
}

func (w *walker) list(list []Expr) {
	for _, e := range list {
		w.walk(e)
	}
}

func (w *walker) orderings(list []Ordering) {
	for i := range list {
		w.walk(list[i].X)
	}
}

func (w *walker) selects(s *Select) {
	if s == nil {
		return
	}
	for i := range s.With {
		w.selects(s.With[i].Select)
	}
	for i := range s.Cores {
		w.core(&s.Cores[i])
	}
	w.orderings(s.OrderBy)
	w.walk(s.Limit)
	w.walk(s.Offset)
}

func (w *walker) core(c *SelectCore) {
	for _, row := range c.Values {
		w.list(row)
	}
	for i := range c.Columns {
		w.walk(c.Columns[i].X)
	}
	w.from(c.From)
	w.walk(c.Where)
	w.list(c.GroupBy)
	w.walk(c.Having)
	for i := range c.Windows {
		w.window(&c.Windows[i].Window)
	}
}

func (w *walker) from(s *Source) {
	if s == nil {
		return
	}
	if w.source != nil {
		w.source(s)
	}
	w.from(s.Left)
	w.from(s.Right)
	w.walk(s.On)
	w.list(s.Args)
	w.selects(s.Select)
}
