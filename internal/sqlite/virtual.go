package sqlite

import (
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// shadowSuffixes are the tables in which modules keep their content, named
// <table>_<suffix>. Where the engine has the module it knows them itself; the
// list is for the modules that it lacks.
var shadowSuffixes = map[string][]string{
	"fts1":      {"content", "term"},
	"fts2":      {"content", "segments", "segdir"},
	"fts3":      {"content", "segments", "segdir", "stat", "docsize"},
	"fts4":      {"content", "segments", "segdir", "stat", "docsize"},
	"fts5":      {"data", "idx", "content", "docsize", "config"},
	"rtree":     {"node", "rowid", "parent"},
	"rtree_i32": {"node", "rowid", "parent"},
	"geopoly":   {"node", "rowid", "parent"},
	"spellfix1": {"vocab"},
	"vec0":      {"chunks", "rowids", "info", "auxiliary"},
	"vss0":      {"index", "data"},
}

// shadowPrefixes are for modules that number their shadow tables.
var shadowPrefixes = map[string][]string{
	"vec0": {"vector_chunks", "metadatachunks", "metadatatext"},
}

func (in *introspection) addVirtual(e *entry) {
	v := &schema.VirtualTable{Name: e.name, SQL: e.sql}
	tree, err := syntax.ParseCreateVirtualTable(e.sql)
	if err == nil {
		v.Module = fold(tree.Module)
	} else {
		in.note("virtual table", e.name, e.sql, err)
	}
	v.Columns, v.Err = in.columnsOf(e.name)
	in.out.Virtual = append(in.out.Virtual, v)
}

// attachShadows moves shadow tables from the tables to their virtual table.
func (in *introspection) attachShadows() {
	in.out.Tables = slices.DeleteFunc(in.out.Tables, func(t *schema.Table) bool {
		v := in.ownerOf(t)
		if v != nil {
			v.Shadows = append(v.Shadows, t.Name)
			v.ShadowTables = append(v.ShadowTables, t)
		}
		return v != nil
	})
}

// ownerOf finds the virtual table whose shadow t is, or nil. Of several, whose
// names begin alike, it is the one with the longest name.
func (in *introspection) ownerOf(t *schema.Table) (owner *schema.VirtualTable) {
	name := fold(t.Name)
	for _, v := range in.out.Virtual {
		rest, ok := strings.CutPrefix(name, fold(v.Name)+"_")
		if !ok || owner != nil && len(owner.Name) >= len(v.Name) {
			continue
		}
		if in.kinds[name].kind == "shadow" || isShadow(v.Module, rest) {
			owner = v
		}
	}
	return owner
}

func isShadow(module, suffix string) bool {
	if slices.Contains(shadowSuffixes[module], suffix) {
		return true
	}
	return slices.ContainsFunc(shadowPrefixes[module], func(p string) bool { return strings.HasPrefix(suffix, p) })
}
