package page_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/page"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// shotsEnv names a folder for pictures of all pages, to look at.
const shotsEnv = "LITEHAUL_SHOTS"

// sample makes a database of a script.
func sample(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, s := range slices.Concat([]string{"PRAGMA synchronous = OFF", "BEGIN"}, statements, []string{"COMMIT"}) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
	return path
}

// write assesses a database and writes its page.
func write(t *testing.T, path string) (file string, html []byte) {
	t.Helper()
	a, err := pipeline.Assess(t.Context(), pipeline.Config{Source: path})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := page.Write(&out, a, []string{"litehaul", "migrate", path, "postgres://USER@HOST/DATABASE"}); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, out.Bytes()
}

// largeSchema makes 150 tables that refer to each other.
func largeSchema() []string {
	var out []string
	for i := range 150 {
		s := fmt.Sprintf("CREATE TABLE area%d_thing%d (id INTEGER PRIMARY KEY, name VARCHAR(80), made DATETIME", i%9, i)
		for k := 1; k <= i%4 && i > 0; k++ {
			up := (i * 7 * k) % i
			s += fmt.Sprintf(", up%d INTEGER REFERENCES area%d_thing%d (id)", k, up%9, up)
		}
		out = append(out, s+")")
	}
	return append(out,
		"ALTER TABLE area0_thing0 ADD COLUMN last INTEGER REFERENCES area5_thing149 (id)",
		"ALTER TABLE area3_thing12 ADD COLUMN self INTEGER REFERENCES area3_thing12 (id)",
		"INSERT INTO area3_thing12 (name, made) VALUES ('x', '2024-01-01 10:00:00')")
}

// attacks are names and values that would act, or break a page, if they could.
var attacks = []string{
	`</script><script>alert(1)</script>`, `</style><img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`,
	`' onmouseover='alert(1)`, `{{.Name}}`, `javascript:alert(1)`, `<!--`, `]]>`, "`${alert(1)}`",
	"\u202egnp.evil", "\u2066isolate", "שלום עולם", "مرحبا بالعالم", "👩‍👩‍👧‍👦🏳️‍🌈", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
	strings.Repeat("W", 10_000), strings.Repeat("漢", 10_000), "line\nbreak\ttab\r\x1b[31m", " ", `a,"b".c=d;e`,
}

// hostileDatabase uses them for everything that has a name.
func hostileDatabase() []string {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	text := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	out := []string{"CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app VARCHAR(255), name VARCHAR(255), applied DATETIME)"}
	for i, a := range attacks {
		table, column := quote(fmt.Sprintf("%d %s", i, a)), quote(a)
		up := ""
		if i > 0 {
			up = fmt.Sprintf(", up TEXT REFERENCES %s (k)", quote(fmt.Sprintf("%d %s", i-1, attacks[i-1])))
		}
		out = append(out,
			fmt.Sprintf("CREATE TABLE %s (k TEXT PRIMARY KEY, %s %s NOT NULL DEFAULT %s%s)", table, column, quote(a), text(a), up),
			fmt.Sprintf("INSERT INTO %s (k, %s) VALUES (%s, CAST(x'ff' || %s AS TEXT)), (NULL, 'x')", table, column, text(a), text(a)),
			fmt.Sprintf("CREATE INDEX %s ON %s (%s)", quote("i"+a), table, column),
			fmt.Sprintf("CREATE VIEW %s AS SELECT *, %s AS %s FROM %s", quote("v"+a), text(a), quote("c"+a), table),
			fmt.Sprintf("CREATE TRIGGER %s AFTER INSERT ON %s BEGIN SELECT %s; END", quote("g"+a), table, text(a)))
		if i > 0 {
			out = append(out, fmt.Sprintf("UPDATE %s SET up = %s", table, text("nowhere "+a)))
		}
	}
	return out
}

// TestBrowser looks at pages in a real browser: they say nothing on the
// console, load nothing, and fit the width of a phone and of a desk, in the
// dark and in the light.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	pages := map[string]string{
		"large":   sample(t, largeSchema()...),
		"hostile": sample(t, hostileDatabase()...),
		"one":     sample(t, "CREATE TABLE t (a)"),
	}
	for name, file := range map[string]string{
		"sales": "gda-sales/sales_test.db", "chinook": "chinook/Chinook_Sqlite.sqlite", "django": "django-ecommerce/db.sqlite3",
		"damaged": "broken-anki/initial_version_2_12_1_corrupt_regular.anki2", "edge": "dotlite-all-kinds/all-kinds.db",
	} {
		if path := corpus(t, file); path != "" {
			pages[name] = path
		}
	}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			file, _ := write(t, path)
			x := b.open(t)
			x.load(file)
			for _, width := range []int{390, 1440} {
				for _, scheme := range []string{"light", "dark"} {
					x.show(width, scheme)
					lookAt(x, width, scheme)
					if dir := os.Getenv(shotsEnv); dir != "" {
						x.shot(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
					}
				}
			}
			tryScript(x)
			x.check()
		})
	}
}

// corpus gives a copy of a database of the corpus, or "" where that is not at
// hand.
func corpus(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("LITEHAUL_SHARED") == "" && os.Getenv("CI") == "" {
		return ""
	}
	data, err := os.ReadFile(sharedtest.Dir(t, "corpus", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// measures is run in the page. Elements wider than the window count unless
// something above them scrolls.
const measures = `(() => {
	document.querySelectorAll("details").forEach((d) => { d.open = true; });
	const wide = [...document.querySelectorAll("body *")].filter((e) => {
		if (e.closest(".scroll, pre, .skip, .vh, svg")) return false;
		const r = e.getBoundingClientRect();
		return r.right > innerWidth + 0.5 || r.left < -0.5;
	}).map((e) => e.tagName + "." + e.className);
	const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
	const rgb = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => {
		const [r, g, b] = rgb(c).slice(0, 3).map((v) => (v /= 255, v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if (c.startsWith("rgb(")) return c;
		}
		return "rgb(255, 255, 255)";
	};
	const weak = new Set();
	for (const e of document.querySelectorAll("p, a, h1, h2, h3, h4, dt, dd, dd span, th, td, li, code, summary, .mark, .name, .key, .c-evidence, .share, .count, .kind, .declared, .form, .sum")) {
		if (e.closest("svg, .skipped") || !e.textContent.trim() || !e.checkVisibility()) continue;
		const a = light(getComputedStyle(e).color), b = light(behind(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) weak.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
	}
	return {
		scroll: document.documentElement.scrollWidth, window: innerWidth, wide: wide.slice(0, 10),
		skipped: levels.some((l, i) => i > 0 && l > levels[i - 1] + 1), weak: [...weak].slice(0, 10),
		paper: light(getComputedStyle(document.body).backgroundColor), ids: document.querySelectorAll("[id]").length,
		unique: new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size,
		missing: [...document.querySelectorAll("a[href^='#']")].filter((a) => !document.getElementById(a.getAttribute("href").slice(1))).length,
		foreign: document.querySelectorAll("img, iframe, object, embed, link, form, script[src], body script + script, [style], [onload], [onerror], [onmouseover]").length,
		labels: [...document.querySelectorAll(".graph .label")].filter((l) => l.getBBox().width > 160).length,
	};
})()`

func lookAt(x *tab, width int, scheme string) {
	x.t.Helper()
	how := fmt.Sprintf("%d px, %s", width, scheme)
	var got struct {
		Scroll, Window, IDs, Unique, Missing, Foreign, Labels int
		Wide, Weak                                            []string
		Skipped                                               bool
		Paper                                                 float64
	}
	x.eval(measures, &got)
	// A phone's window grows with what is too wide for it.
	if got.Window != width || got.Scroll > width || len(got.Wide) > 0 {
		x.t.Errorf("%s: the page is %d px wide in a window of %d: %v", how, got.Scroll, got.Window, got.Wide)
	}
	if len(got.Weak) > 0 {
		x.t.Errorf("%s: too little contrast: %v", how, got.Weak)
	}
	if got.Skipped {
		x.t.Errorf("%s: a level of headings is skipped", how)
	}
	if got.IDs != got.Unique || got.Missing > 0 {
		x.t.Errorf("%s: %d ids, %d of them different; %d links lead nowhere", how, got.IDs, got.Unique, got.Missing)
	}
	if got.Foreign > 0 {
		x.t.Errorf("%s: %d elements or attributes that the page does not write", how, got.Foreign)
	}
	if got.Labels > 0 {
		x.t.Errorf("%s: %d names are wider than their boxes", how, got.Labels)
	}
	if dark := scheme == "dark"; dark != (got.Paper < 0.2) {
		x.t.Errorf("%s: the paper's luminance is %.2f", how, got.Paper)
	}
}

// tryScript sorts the tables by rows, and points at a table of the picture.
func tryScript(x *tab) {
	x.t.Helper()
	var got struct {
		Tables, Sorted, Near, Nodes int
		Sort                        string
	}
	x.eval(`(() => {
		const out = {tables: 0, sorted: 0, near: 0, nodes: 0, sort: ""};
		const sizes = document.getElementById("sizes");
		if (!sizes) return out;
		const head = sizes.tHead.rows[0].cells[1];
		head.querySelector("button").click();
		const n = [...sizes.tBodies[0].rows].map((r) => Number(r.cells[1].dataset.n));
		out.tables = n.length;
		out.sorted = n.filter((v, i) => i === 0 || v <= n[i - 1]).length;
		out.sort = head.getAttribute("aria-sort");
		const node = document.querySelector(".graph .node");
		if (node) {
			out.nodes = document.querySelectorAll(".graph .node").length;
			node.focus();
			out.near = document.querySelectorAll(".graph .node.near").length;
		}
		return out;
	})()`, &got)
	if got.Tables == 0 {
		return
	}
	if got.Sorted != got.Tables || got.Sort != "descending" {
		x.t.Errorf("%d of %d tables are in order, %q", got.Sorted, got.Tables, got.Sort)
	}
	if got.Nodes > 0 && got.Near < 2 {
		x.t.Errorf("a table of the picture has %d neighbours, itself among them", got.Near)
	}
}
