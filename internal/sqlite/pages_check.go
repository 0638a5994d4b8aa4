package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// PageAccount accounts for pages while tables are read: see page.Account for what
// it proves. It finds whatever Check finds about pages, for the price of reading
// the interior pages and the indexes.
type PageAccount struct {
	s       *Snapshot
	scope   AccountScope
	account *page.Account
	list    []page.Tree
	trees   map[string]page.Tree // by name as the schema writes it
}

// AccountScope tells what a PageAccount is about.
type AccountScope struct {
	// Read are tables whose rows readers of PageAccount.Open will read, each to its
	// end, once.
	Read []*schema.Table
	// Walk are tables whose pages the account's own walks go through.
	Walk []*schema.Table
	// File tells to account for the whole file, with other tables and with the
	// pages that belong to none.
	File bool
}

// PageAccount begins an account. Its walks must be done before Finish. An error is
// one of ctx or of the operating system, or a *DamagedError where the schema itself
// cannot be read from its pages.
func (s *Snapshot) PageAccount(ctx context.Context, scope AccountScope) (*PageAccount, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.back()
	f, err := s.pagesOf()
	if err != nil {
		return nil, err
	}
	a := &PageAccount{s: s, scope: scope, account: f.NewAccount(!scope.File), trees: map[string]page.Tree{}}
	trees, err := a.account.Trees(ctx)
	if err != nil {
		return nil, pageDamage("", err)
	}
	read, wanted := map[uint32]bool{}, map[string]bool{}
	for _, t := range scope.Read {
		read[t.RootPage], wanted[fold(t.Name)] = true, true
	}
	for _, t := range scope.Walk {
		wanted[fold(t.Name)] = true
	}
	for _, t := range trees {
		if !scope.File && !wanted[fold(t.Table)] {
			continue
		}
		a.trees[t.Name] = t
		t.Elsewhere = !t.Index && read[t.Root]
		a.list = append(a.list, t)
	}
	return a, nil
}

// WalkN gives the number of walks: one for each tree.
func (a *PageAccount) WalkN() int { return len(a.list) }

// Walk makes the i-th walk, beside others and beside readers. What is wrong with a
// tree is for Finish to tell; errors are of ctx and of the operating system.
func (a *PageAccount) Walk(ctx context.Context, i int) error {
	if err := a.s.enter(ctx); err != nil {
		return err
	}
	defer a.s.back()
	return a.account.Walk(ctx, a.list[i])
}

// Open is OpenPages for a unit of one of the account's tables.
func (a *PageAccount) Open(ctx context.Context, u Unit) (row.Reader, error) {
	return a.s.openPageReader(ctx, u, page.ReadOptions{Account: a.account})
}

// Finish gives the findings, when the readers are done.
func (a *PageAccount) Finish(ctx context.Context) ([]Damage, error) {
	if err := a.s.enter(ctx); err != nil {
		return nil, err
	}
	defer a.s.back()
	found, err := a.account.Finish(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Damage, 0, len(found))
	for _, f := range found {
		out = append(out, a.damage(f))
	}
	for _, list := range [][]*schema.Table{a.scope.Read, a.scope.Walk} {
		for _, t := range list {
			out = append(out, a.indexes(t)...)
		}
	}
	return out, nil
}

// indexes compares the number of entries of a table's indexes with that of its
// rows.
func (a *PageAccount) indexes(t *schema.Table) (out []Damage) {
	full := map[string]bool{}
	for _, x := range t.Indexes {
		full[fold(x.Name)] = x.WhereSQL == ""
	}
	rows := a.account.Cells(t.RootPage)
	for _, x := range a.list {
		const implied = "sqlite_autoindex_" // of a key: never partial
		if !x.Index || !strings.EqualFold(x.Table, t.Name) || !full[fold(x.Name)] && !strings.HasPrefix(x.Name, implied) {
			continue
		}
		if n := a.account.Cells(x.Root); n != rows {
			out = append(out, Damage{
				Table: t.Name, Index: x.Name, Kind: DamageIndex,
				Detail: fmt.Sprintf("index %s has %d entries for %d rows", x.Name, n, rows),
			})
		}
	}
	return out
}

// damage turns a finding into one of Check's.
func (a *PageAccount) damage(f page.Finding) Damage {
	d := Damage{Page: f.Page, Detail: f.Detail, Kind: DamageRows}
	switch f.Kind {
	case page.BadFreelist, page.BadSpace, page.NeverUsed:
		d.Kind = DamageSpace
	case page.BadTree, page.UsedTwice, page.CutOff, page.BadPointerMap:
	}
	t, ok := a.trees[f.Object]
	switch {
	case !ok && f.Object != "":
		d.Detail = f.Object + ": " + d.Detail
	case t.Index:
		d.Table, d.Index, d.Kind = t.Table, t.Name, DamageIndex
	case ok:
		d.Table = t.Name
	}
	return d
}
