package syntax

// call reads a function call with its FILTER and OVER clauses. WINDOW, OVER
// and FILTER come as keywords only where they are ones (isWindowKeyword).
func (p *parser) call() Expr {
	c := &Call{Name: lowerASCII(p.take())}
	p.advance() // the parenthesis
	if p.accept(tkStar) {
		c.Star = true
	} else {
		c.Distinct = p.accept(kwDistinct)
		if !c.Distinct {
			p.accept(kwAll)
		}
		if !p.at(tkRP) && !p.at(kwOrder) {
			c.Args = p.exprs()
		}
		c.OrderBy = p.orderBy()
	}
	p.expect(tkRP, "a closing parenthesis")
	if p.accept(kwFilter) {
		p.expect(tkLP, "an opening parenthesis")
		p.expect(kwWhere, "WHERE")
		c.Filter = p.expr(precOr)
		p.expect(tkRP, "a closing parenthesis")
	}
	if p.accept(kwOver) {
		w := Window{}
		if p.accept(tkLP) {
			w = p.windowDefinition()
		} else {
			w.Name = p.name("a window")
		}
		c.Over = &w
	}
	return c
}

// windowDefinition reads a definition up to its closing parenthesis; the
// opening one has been read.
func (p *parser) windowDefinition() Window {
	var w Window
	switch p.tok.kind {
	case kwPartition, kwOrder, kwRange, kwRows, kwGroups, tkRP:
	default:
		w.Base = p.name("a window definition")
	}
	if p.accept(kwPartition) {
		p.expect(kwBy, "BY")
		w.PartitionBy = p.exprs()
	}
	w.OrderBy = p.orderBy()
	if p.at(kwRange) || p.at(kwRows) || p.at(kwGroups) {
		p.frame(&w)
	}
	p.expect(tkRP, "a closing parenthesis")
	return w
}

// frame reads ROWS, RANGE or GROUPS with its bounds and EXCLUDE.
func (p *parser) frame(w *Window) {
	w.Frame = p.word() + " "
	if p.accept(kwBetween) {
		w.Frame += "BETWEEN "
		p.frameBound(w, kwPreceding)
		p.expect(kwAnd, "AND")
		w.Frame += " AND "
		p.frameBound(w, kwFollowing)
	} else {
		p.frameBound(w, kwPreceding)
	}
	if !p.accept(kwExclude) {
		return
	}
	w.Frame += " EXCLUDE "
	switch p.tok.kind {
	case kwNo:
		p.advance()
		p.expect(kwOthers, "OTHERS")
		w.Frame += "NO OTHERS"
	case kwCurrent:
		p.currentRow(w)
	case kwGroup, kwTies:
		w.Frame += p.word()
	default:
		p.fail("NO OTHERS, CURRENT ROW, GROUP or TIES")
	}
}

// frameBound reads one bound. UNBOUNDED goes only with the given direction.
func (p *parser) frameBound(w *Window, unbounded kind) {
	switch p.tok.kind {
	case kwCurrent:
		p.currentRow(w)
		return
	case kwUnbounded:
		w.Frame += p.word() + " "
		if !p.at(unbounded) {
			p.fail("PRECEDING at the start or FOLLOWING at the end")
			return
		}
	default:
		x, text := p.quoted()
		if !p.at(kwPreceding) && !p.at(kwFollowing) {
			p.fail("PRECEDING or FOLLOWING")
			return
		}
		w.Bounds = append(w.Bounds, x)
		w.Frame += text + " "
	}
	w.Frame += p.word()
}

func (p *parser) currentRow(w *Window) {
	p.advance()
	p.expect(kwRow, "ROW")
	w.Frame += "CURRENT ROW"
}
