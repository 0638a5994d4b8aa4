package contest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/bench"
)

// seed makes all data sets: results are of the same data everywhere.
const seed = 1

// Case is one data set to compete on.
type Case struct {
	Spec  string  // as in "tpch-0.5/lineitem"
	Set   string  // name of a bench.Dataset
	Scale float64 // of the data set
	Table string  // the only table to carry over; empty: all
}

// ParseCase reads a case: the name of a data set, "-" and a scale (1 where it
// is left out), and "/" with a table, if that one is to be carried over alone.
func ParseCase(spec string) (Case, error) {
	c := Case{Spec: spec, Scale: 1}
	name, table, single := strings.Cut(spec, "/")
	if single && table == "" {
		return c, fmt.Errorf("case %q: no table after the slash", spec)
	}
	c.Set, c.Table = name, table
	if at := strings.LastIndexByte(name, '-'); at > 0 {
		if scale, err := strconv.ParseFloat(name[at+1:], 64); err == nil {
			c.Set, c.Scale = name[:at], scale
		}
	}
	if !(c.Scale > 0) {
		return c, fmt.Errorf("case %q: scale must be greater than 0", spec)
	}
	if _, ok := c.dataset(); !ok {
		return c, fmt.Errorf("case %q: no such data set (there are: %s)", spec, strings.Join(setNames(), ", "))
	}
	return c, nil
}

func setNames() []string {
	var names []string
	for _, set := range bench.Datasets() {
		names = append(names, set.Name)
	}
	return names
}

func (c Case) dataset() (bench.Dataset, bool) {
	sets := bench.Datasets()
	at := slices.IndexFunc(sets, func(set bench.Dataset) bool { return set.Name == c.Set })
	if at < 0 {
		return bench.Dataset{}, false
	}
	return sets[at], true
}

// rowsOnly tells that the case is about the way of the rows alone.
func (c Case) rowsOnly() bool { return strings.HasSuffix(c.Set, "-bare") }

// file makes the database of the case in folder cache, unless it is there.
func (c Case) file(ctx context.Context, cache string) (string, error) {
	set, _ := c.dataset()
	path := filepath.Join(cache, fmt.Sprintf("%s-%s-seed%d.db", c.Set, strconv.FormatFloat(c.Scale, 'f', -1, 64), seed))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("look for data set %s: %w", c.Set, err)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil { //nolint:gosec // G301: generated data, nothing secret
		return "", fmt.Errorf("make the cache of data sets: %w", err)
	}
	if _, err := set.Write(ctx, path, bench.Size{Scale: c.Scale, Seed: seed}); err != nil {
		return "", fmt.Errorf("data set %s: %w", c.Set, err)
	}
	return path, nil
}
