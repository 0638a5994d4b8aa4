package pipeline

import (
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// assessLinks lists the foreign keys: the target's where an application made
// it, else those of the source.
func (r *run) assessLinks(a *Assessment) {
	if len(a.Tables) != len(r.tables) || r.schema == nil {
		return
	}
	at := map[*table]int{}
	for i, t := range r.tables {
		at[t] = i
	}
	if r.into != nil {
		for _, ref := range r.homeReferences() {
			x := ref.assess(at)
			x.Orphans = a.orphansOf(x.Table, ref.child.columnList(ref.fk.Columns))
			a.ForeignKeys = append(a.ForeignKeys, x)
		}
	} else {
		r.sourceLinks(a, at)
	}
	markCycles(len(a.Tables), a.ForeignKeys)
}

// orphansOf finds what the checks said about a foreign key of the target.
func (a *Assessment) orphansOf(table, columns string) int64 {
	for _, h := range a.Hazards {
		if h.Code == "orphans" && h.Table == table && h.Column == columns {
			return h.Count
		}
	}
	return 0
}

func (r *run) sourceLinks(a *Assessment, at map[*table]int) {
	bySrc := map[*schema.Table]*table{}
	for _, t := range r.tables {
		bySrc[t.src] = t
	}
	for _, t := range r.tables {
		for _, fk := range t.src.ForeignKeys {
			src, cols := typemap.ResolveParent(r.schema, fk)
			x := reference{child: t, parent: bySrc[src], fk: fk, cols: cols}.assess(at)
			x.Parent = fk.Parent
			if x.To < 0 {
				x.Keys = append(x.Keys, fk.ParentColumns...)
			}
			a.ForeignKeys = append(a.ForeignKeys, x)
		}
	}
}

// assess describes a foreign key; its parent may be nil.
func (ref reference) assess(at map[*table]int) AssessedLink {
	x := AssessedLink{
		Table: ref.child.src.Name, Columns: []string{}, Keys: []string{}, From: at[ref.child], To: -1,
		Orphans: ref.child.fkVerdict[ref.fk].orphans,
	}
	for _, c := range ref.fk.Columns {
		x.Columns = append(x.Columns, ref.child.src.Columns[c].Name)
	}
	if ref.parent != nil {
		x.Parent, x.To = ref.parent.src.Name, at[ref.parent]
		for _, c := range ref.cols {
			x.Keys = append(x.Keys, ref.parent.src.Columns[c].Name)
		}
	}
	return x
}

// markCycles marks the foreign keys within a strongly connected part of the
// graph of tables, those of a table to itself among them.
func markCycles(tables int, links []AssessedLink) {
	next := make([][]int, tables)
	nodes := make([]int, tables)
	for i := range nodes {
		nodes[i] = i
	}
	for _, l := range links {
		if l.To >= 0 {
			next[l.From] = append(next[l.From], l.To)
		}
	}
	part := make([]int, tables)
	for i, members := range components(nodes, func(at int) []int { return next[at] }) {
		for _, at := range members {
			part[at] = i
		}
	}
	for i := range links {
		l := &links[i]
		l.Cycle = l.To >= 0 && part[l.From] == part[l.To]
	}
}
