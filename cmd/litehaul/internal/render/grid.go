package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// align is the side to which a grid's column leans.
type align uint8

const (
	left align = iota
	right
)

// grid is a table of text without lines: columns stand two spaces apart. Cells
// of a column that is too wide for the page are broken onto further lines.
type grid struct {
	indent string
	header []string
	align  []align
	rows   [][]string
	// foot, where it is set, is a last row under a rule.
	foot []string
}

const (
	gap = 2
	// leastWidth is the narrowest that a column becomes to fit a page.
	leastWidth = 12
)

func newGrid(header ...string) *grid {
	return &grid{header: header, align: make([]align, len(header))}
}

// right makes the given columns lean to the right, as numbers do.
func (g *grid) right(columns ...int) *grid {
	for _, c := range columns {
		g.align[c] = right
	}
	return g
}

// add adds a row. Cells are made safe for a terminal.
func (g *grid) add(cells ...string) { g.rows = append(g.rows, cleanAll(cells)) }

func cleanAll(cells []string) []string {
	clean := make([]string, len(cells))
	for i, c := range cells {
		clean[i] = Clean(c)
	}
	return clean
}

// write lays the grid out on a page of the given width; 0 means no limit.
func (g *grid) write(w *bufio.Writer, width int) {
	widths := g.widths(width)
	if g.header != nil {
		g.line(w, widths, g.header)
	}
	for _, r := range g.rows {
		g.line(w, widths, r)
	}
	if g.foot != nil {
		rule := make([]string, len(widths))
		for i, n := range widths {
			rule[i] = strings.Repeat("-", n)
		}
		g.line(w, widths, rule)
		g.line(w, widths, cleanAll(g.foot))
	}
}

// widths gives each column its widest cell, then takes from the widest column
// that leans left until the page holds all.
func (g *grid) widths(page int) []int {
	widths := make([]int, len(g.align))
	all := append([][]string{g.header, g.foot}, g.rows...)
	for _, r := range all {
		for i, c := range r {
			widths[i] = max(widths[i], runewidth.StringWidth(c))
		}
	}
	if page <= 0 {
		return widths
	}
	total := len(g.indent) + gap*(len(widths)-1)
	for _, n := range widths {
		total += n
	}
	for total > page {
		widest := -1
		for i, n := range widths {
			if g.align[i] == left && n > leastWidth && (widest < 0 || n > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

// line writes one row, on as many lines as its tallest cell needs.
func (g *grid) line(w *bufio.Writer, widths []int, cells []string) {
	wrapped := make([][]string, len(cells))
	height := 1
	for i, c := range cells {
		wrapped[i] = Wrap(c, widths[i])
		height = max(height, len(wrapped[i]))
	}
	for y := range height {
		var b strings.Builder
		b.WriteString(g.indent)
		for i := range cells {
			text := ""
			if y < len(wrapped[i]) {
				text = wrapped[i][y]
			}
			pad := strings.Repeat(" ", max(0, widths[i]-runewidth.StringWidth(text)))
			if g.align[i] == right {
				b.WriteString(pad + text)
			} else {
				b.WriteString(text + pad)
			}
			b.WriteString(strings.Repeat(" ", gap))
		}
		_, _ = w.WriteString(strings.TrimRight(b.String(), " ") + "\n") // the caller's Flush gives the error
	}
}

// Psql writes a query's result as psql prints it: a header, a rule, the rows,
// and their number. Cells longer than limit runes are cut.
func Psql(w io.Writer, header []string, rows [][]string, limit int) error {
	widths := make([]int, len(header))
	lines := append([][]string{header}, rows...)
	for y, r := range lines {
		lines[y] = make([]string, len(r))
		for i, c := range r {
			lines[y][i] = OneLine(c, limit)
			widths[i] = max(widths[i], runewidth.StringWidth(lines[y][i]))
		}
	}
	var b strings.Builder
	for y, r := range lines {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = " " + c + strings.Repeat(" ", widths[i]-runewidth.StringWidth(c))
		}
		b.WriteString(strings.TrimRight(strings.Join(cells, " |"), " ") + "\n")
		if y == 0 {
			for i, n := range widths {
				cells[i] = strings.Repeat("-", n+2)
			}
			b.WriteString(strings.Join(cells, "+") + "\n")
		}
	}
	b.WriteString("(" + Plural(int64(len(rows)), "row") + ")\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	return nil
}
