package verify_test

import (
	"testing"

	"go.uber.org/goleak"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testRow is a tuple (bigint, text, text); nil is NULL.
type testRow struct {
	id   int64
	a, b *string
}

func (r testRow) tuple() []byte {
	out := pgcopy.AppendInt8(nil, r.id)
	for _, s := range []*string{r.a, r.b} {
		if s == nil {
			out = pgcopy.AppendNull(out)
		} else {
			out = pgcopy.AppendText(out, []byte(*s))
		}
	}
	return out
}

func text(s string) *string { return &s }

func jsonb(doc string) []byte { return pgcopy.AppendBytea(nil, append([]byte{1}, doc...)) }
