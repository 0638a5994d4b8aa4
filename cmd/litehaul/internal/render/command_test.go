package render_test

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
)

// TestShellQuote: a shell gives back what was quoted for it.
func TestShellQuote(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to ask")
	}
	for _, word := range []string{
		"", "plain", "app.db", "--exclude=o*", "--drop-column=a b.c", "it's", `back\slash`, "$HOME `id` $(id) !x",
		"two\nlines", "tab\tand \x1b[31m", "--form=\"a.b\".c=FORM", "--exclude='; rm x #", "~/x", "שלום", "--x y=z", "a=b c",
	} {
		out, err := exec.CommandContext(t.Context(), shell, "-c", "printf %s "+render.ShellQuote(word)).Output()
		if err != nil {
			t.Errorf("%q as %s: %v", word, render.ShellQuote(word), err)
		}
		if diff := cmp.Diff(word, string(out)); diff != "" {
			t.Errorf("%q as %s (-want +got):\n%s", word, render.ShellQuote(word), diff)
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	words := []string{"litehaul", "migrate", "my app.db", "postgres:///app", "--orphans=not-valid", "--exclude=o*"}
	want := []string{`litehaul migrate 'my app.db' \`, `    postgres:///app \`, `    --orphans=not-valid --exclude='o*'`}
	if diff := cmp.Diff(want, render.CommandLines(words, 40)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestTimeRange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0.1, 0.8, "under a second"},
		{0.4, 3.1, "up to 4 seconds"},
		{1, 8, "1 to 8 seconds"},
		{60, 480, "60 seconds to 8 minutes"},
		{3000, 24000, "50 minutes to 7 hours"},
	} {
		if got := render.TimeRange(test.low, test.high); got != test.want {
			t.Errorf("TimeRange(%v, %v) = %q, want %q", test.low, test.high, got, test.want)
		}
	}
}
