package form_test

import "testing"

// zeroAllocs fails when f allocates.
func zeroAllocs(t *testing.T, name string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s allocates %v times per run", name, n)
	}
}
