package pipeline

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// maxName is NAMEDATALEN - 1, the longest name of a stock Postgres, in bytes.
const maxName = 63

// systemColumns are the names that every Postgres table has already.
var systemColumns = map[string]bool{
	"tableoid": true, "xmin": true, "cmin": true, "xmax": true, "cmax": true, "ctid": true,
}

// fitName gives the name that Postgres can hold and why it had to change; why
// is "" for a name that stays. A name that is too long is cut and gets the
// hash of the whole, so that the same name always becomes the same short form
// and two names that share a long beginning stay apart.
func fitName(name string) (fit, why string) {
	fit = name
	if !utf8.ValidString(fit) || strings.ContainsRune(fit, 0) {
		fit = strings.ReplaceAll(strings.ToValidUTF8(fit, "\uFFFD"), "\x00", "\uFFFD")
		why = "not valid UTF-8"
	}
	if fit == "" {
		return "unnamed", "empty name"
	}
	if len(fit) > maxName {
		return cutName(fit), "longer than 63 bytes"
	}
	return fit, why
}

// cutName shortens a name to 63 bytes: 54 of its own at a rune boundary, an
// underscore and 8 digits of its hash.
func cutName(name string) string {
	const keep = maxName - 9
	cut := keep
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	sum := xxh3.HashString128(name).Bytes()
	return name[:cut] + "_" + hex.EncodeToString(sum[:4])
}

// names hands out names of one namespace and keeps them apart.
type names struct {
	taken map[string]bool
}

func newNames() *names { return &names{taken: map[string]bool{}} }

// reserve marks a name as taken by something that is there already.
func (n *names) reserve(name string) { n.taken[name] = true }

// take gives name, fitted, or with a number behind it when that is taken.
func (n *names) take(name string) (got, why string) {
	fit, why := fitName(name)
	got = fit
	for i := 1; n.taken[got]; i++ {
		got = fitSuffix(fit, i)
		why = "the name is taken"
	}
	n.taken[got] = true
	return got, why
}

func fitSuffix(name string, i int) string {
	suffix := "_" + strconv.Itoa(i)
	if len(name)+len(suffix) > maxName {
		cut := maxName - len(suffix)
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut]
	}
	return name + suffix
}

// columnNames fits the names of one table's columns.
func columnNames(source []string) (fit, why []string) {
	n := newNames()
	for s := range systemColumns {
		n.reserve(s)
	}
	fit, why = make([]string, len(source)), make([]string, len(source))
	for i, name := range source {
		fit[i], why[i] = n.take(name)
		if why[i] != "" && systemColumns[name] {
			why[i] = "every Postgres table has a system column of this name"
		}
	}
	return fit, why
}
