package sqlite

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// PageAccount accounts for every page of the file while tables are read: see
// page.Account for what it proves. It finds what Check finds about pages, for the
// price of the interior pages and the indexes.
type PageAccount struct {
	s       *Snapshot
	account *page.Account
	trees   map[string]page.Tree // by name as the schema writes it
}

// PageAccount walks all trees, jobs at once. The rows of the named tables are
// left to readers, which PageAccount.Open opens: each of these tables must be
// read to its end, once. An error is one of ctx or of the operating system, or
// tells that the schema itself cannot be read.
func (s *Snapshot) PageAccount(ctx context.Context, jobs int, tables ...*schema.Table) (*PageAccount, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.back()
	f, err := s.pagesOf()
	if err != nil {
		return nil, err
	}
	a := &PageAccount{s: s, account: f.NewAccount(), trees: map[string]page.Tree{}}
	trees, err := a.account.Trees(ctx)
	if err != nil {
		return nil, pageDamage("", err)
	}
	elsewhere := map[string]bool{}
	for _, t := range tables {
		elsewhere[fold(t.Name)] = true
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, jobs))
	for _, t := range trees {
		a.trees[t.Name] = t
		t.Elsewhere = !t.Index && elsewhere[fold(t.Name)]
		g.Go(func() error { return a.account.Walk(gctx, t) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return a, nil
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
	return out, nil
}

// damage turns a finding into one of Check's.
func (a *PageAccount) damage(f page.Finding) Damage {
	d := Damage{Page: f.Page, Detail: f.Detail, Kind: DamageRows}
	t, ok := a.trees[f.Object]
	switch {
	case !ok:
		if f.Object != "" {
			d.Detail = f.Object + ": " + d.Detail
		}
		if f.Kind != page.BadTree {
			d.Kind = DamageSpace
		}
	case t.Index:
		d.Table, d.Index, d.Kind = t.Table, t.Name, DamageIndex
	default:
		d.Table = t.Name
	}
	return d
}
