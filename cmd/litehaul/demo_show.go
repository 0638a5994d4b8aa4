package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// query is something to show of the target.
type query struct {
	title, sql string
}

// shopQueries show the sample: identities and keys, UUIDs, JSON, times, views.
var shopQueries = []query{
	{
		"char(36) keys are uuid, JSON text is jsonb, 0 and 1 are booleans",
		"SELECT id, email, is_active, preferences, created_at FROM users ORDER BY email LIMIT 3",
	},
	{
		"SQLite's declared types, and what Postgres has now",
		`SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
		 WHERE table_schema = 'public' AND table_name = 'orders' ORDER BY ordinal_position`,
	},
	{
		"a view over a view, a join and an aggregate",
		"SELECT * FROM bestsellers ORDER BY sold DESC, id LIMIT 5",
	},
	{
		"the next order continues after the highest number ever used",
		`INSERT INTO orders (number, user_id, status, subtotal_cents, placed_at)
		 SELECT 'DEMO-1', id, 'draft', 100, now() FROM users LIMIT 1
		 RETURNING id, number, total_cents, currency, (SELECT max(id) FROM orders) AS highest_before`,
	},
}

const (
	// largestN is how many tables of a user's own file are shown.
	largestN = 3
	// rowsShown is how many rows of each.
	rowsShown = 3
	// cellShown is the widest cell, in runes.
	cellShown = 36
	// columnsShown bounds a table's columns, so that most fit a screen.
	columnsShown = 6
)

// largestTables gives queries for the tables with most rows.
func largestTables(rep *pipeline.Report) []query {
	tables := slices.Clone(rep.Tables)
	slices.SortStableFunc(tables, func(a, b pipeline.TableReport) int { return int(b.Loaded - a.Loaded) })
	var queries []query
	for _, t := range tables[:min(largestN, len(tables))] {
		queries = append(queries, query{
			title: fmt.Sprintf("%s (%s)", t.Name, render.Plural(t.Loaded, "row")),
			sql:   fmt.Sprintf("SELECT * FROM %s LIMIT %d", t.Target, rowsShown),
		})
	}
	return queries
}

// show runs queries and prints what they return as psql does.
func show(ctx context.Context, con *console, target string, queries []query) error {
	conn, err := pgx.Connect(ctx, target)
	if err != nil {
		return fmt.Errorf("show what arrived: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written that could be lost
	for _, q := range queries {
		results, err := conn.PgConn().Exec(ctx, q.sql).ReadAll() // text format: as Postgres writes values
		if err != nil {
			return fmt.Errorf("show %s: %w", q.title, err)
		}
		if _, err := fmt.Fprintf(con.out, "\n-- %s\n", render.OneLine(q.title, 0)); err != nil {
			return fmt.Errorf("show what arrived: %w", err)
		}
		for _, r := range results {
			if err := printResult(con, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func printResult(con *console, r *pgconn.Result) error {
	n := min(len(r.FieldDescriptions), columnsShown)
	header := make([]string, n)
	for i := range n {
		header[i] = r.FieldDescriptions[i].Name
	}
	rows := make([][]string, len(r.Rows))
	for y, values := range r.Rows {
		rows[y] = make([]string, n)
		for i := range n {
			rows[y][i] = string(values[i])
		}
	}
	if rest := len(r.FieldDescriptions) - n; rest > 0 {
		header[n-1] += fmt.Sprintf(" (and %s)", render.Plural(int64(rest), "more column"))
	}
	return render.Psql(con.out, header, rows, cellShown) //nolint:wrapcheck // says what failed
}
