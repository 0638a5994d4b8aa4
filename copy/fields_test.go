package pgcopy_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestFields(t *testing.T) {
	t.Parallel()
	tuple := pgcopy.AppendInt2(nil, 258)
	tuple = pgcopy.AppendNull(tuple)
	tuple = pgcopy.AppendTextString(tuple, "")
	cases := []struct {
		name   string
		fields string
		want   [][]byte
		err    error
	}{
		{"none", "", nil, nil},
		{"value, null, empty", string(tuple), [][]byte{{1, 2}, nil, {}}, nil},
		{"cut length", string(tuple[:len(tuple)-1]), [][]byte{{1, 2}, nil}, pgcopy.ErrFields},
		{"cut value", string(tuple[:5]), nil, pgcopy.ErrFields},
		{"negative length", "\xff\xff\xff\xfe", nil, pgcopy.ErrFields},
		{"length too large", "\x7f\xff\xff\xffx", nil, pgcopy.ErrFields},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got [][]byte
			it := pgcopy.NewFields([]byte(c.fields))
			for it.Next() {
				got = append(got, it.Value())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if !errors.Is(it.Err(), c.err) {
				t.Errorf("error is %v, want %v", it.Err(), c.err)
			}
			if it.Next() {
				t.Error("goes on after its end")
			}
		})
	}
}

func TestFieldsAllocateNothing(t *testing.T) {
	tuple := pgcopy.AppendNull(pgcopy.AppendTextString(nil, "abc"))
	total := 0
	if n := testing.AllocsPerRun(10, func() {
		for it := pgcopy.NewFields(tuple); it.Next(); {
			total += len(it.Value())
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if total == 0 {
		t.Error("saw no value")
	}
}
