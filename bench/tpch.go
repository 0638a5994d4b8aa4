package bench

import (
	"context"
	"errors"
	"regexp"
)

// tpchTables are the tables of TPC-H, with types as people write them for
// SQLite.
const tpchTables = `
CREATE TABLE region (
  r_regionkey INTEGER PRIMARY KEY,
  r_name      CHAR(25) NOT NULL,
  r_comment   VARCHAR(152)
);
CREATE TABLE nation (
  n_nationkey INTEGER PRIMARY KEY,
  n_name      CHAR(25) NOT NULL,
  n_regionkey INTEGER NOT NULL REFERENCES region(r_regionkey),
  n_comment   VARCHAR(152)
);
CREATE TABLE supplier (
  s_suppkey   INTEGER PRIMARY KEY,
  s_name      CHAR(25) NOT NULL,
  s_address   VARCHAR(40) NOT NULL,
  s_nationkey INTEGER NOT NULL REFERENCES nation(n_nationkey),
  s_phone     CHAR(15) NOT NULL,
  s_acctbal   DECIMAL(15,2) NOT NULL,
  s_comment   VARCHAR(101) NOT NULL
);
CREATE TABLE customer (
  c_custkey    INTEGER PRIMARY KEY,
  c_name       VARCHAR(25) NOT NULL,
  c_address    VARCHAR(40) NOT NULL,
  c_nationkey  INTEGER NOT NULL REFERENCES nation(n_nationkey),
  c_phone      CHAR(15) NOT NULL,
  c_acctbal    DECIMAL(15,2) NOT NULL,
  c_mktsegment CHAR(10) NOT NULL,
  c_comment    VARCHAR(117) NOT NULL
);
CREATE TABLE part (
  p_partkey     INTEGER PRIMARY KEY,
  p_name        VARCHAR(55) NOT NULL,
  p_mfgr        CHAR(25) NOT NULL,
  p_brand       CHAR(10) NOT NULL,
  p_type        VARCHAR(25) NOT NULL,
  p_size        INTEGER NOT NULL,
  p_container   CHAR(10) NOT NULL,
  p_retailprice DECIMAL(15,2) NOT NULL,
  p_comment     VARCHAR(23) NOT NULL
);
CREATE TABLE partsupp (
  ps_partkey    INTEGER NOT NULL REFERENCES part(p_partkey),
  ps_suppkey    INTEGER NOT NULL REFERENCES supplier(s_suppkey),
  ps_availqty   INTEGER NOT NULL,
  ps_supplycost DECIMAL(15,2) NOT NULL,
  ps_comment    VARCHAR(199) NOT NULL,
  PRIMARY KEY (ps_partkey, ps_suppkey)
);
CREATE TABLE orders (
  o_orderkey      INTEGER PRIMARY KEY,
  o_custkey       INTEGER NOT NULL REFERENCES customer(c_custkey),
  o_orderstatus   CHAR(1) NOT NULL,
  o_totalprice    DECIMAL(15,2) NOT NULL,
  o_orderdate     DATE NOT NULL,
  o_orderpriority CHAR(15) NOT NULL,
  o_clerk         CHAR(15) NOT NULL,
  o_shippriority  INTEGER NOT NULL,
  o_comment       VARCHAR(79) NOT NULL
);
CREATE TABLE lineitem (
  l_orderkey      INTEGER NOT NULL REFERENCES orders(o_orderkey),
  l_partkey       INTEGER NOT NULL,
  l_suppkey       INTEGER NOT NULL,
  l_linenumber    INTEGER NOT NULL,
  l_quantity      DECIMAL(15,2) NOT NULL,
  l_extendedprice DECIMAL(15,2) NOT NULL,
  l_discount      DECIMAL(15,2) NOT NULL,
  l_tax           DECIMAL(15,2) NOT NULL,
  l_returnflag    CHAR(1) NOT NULL,
  l_linestatus    CHAR(1) NOT NULL,
  l_shipdate      DATE NOT NULL,
  l_commitdate    DATE NOT NULL,
  l_receiptdate   DATE NOT NULL,
  l_shipinstruct  CHAR(25) NOT NULL,
  l_shipmode      CHAR(10) NOT NULL,
  l_comment       VARCHAR(44) NOT NULL,
  PRIMARY KEY (l_orderkey, l_linenumber),
  FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp(ps_partkey, ps_suppkey)
);
`

// tpchIndexes are made last, as a careful user would.
const tpchIndexes = `
CREATE INDEX customer_nation ON customer(c_nationkey);
CREATE INDEX orders_customer ON orders(o_custkey);
CREATE INDEX orders_date ON orders(o_orderdate);
CREATE INDEX lineitem_partsupp ON lineitem(l_partkey, l_suppkey);
`

// Rows of the TPC-H tables at scale 1; lineitem has 1 to 7 rows per order.
const (
	tpchSuppliers = 10_000
	tpchCustomers = 150_000
	tpchParts     = 200_000
	tpchOrders    = 1_500_000

	// suppliersPerPart is how many suppliers offer a part.
	suppliersPerPart = 4
)

// TPCHOptions say what TPCH writes.
type TPCHOptions struct {
	// Scale is the scale factor: 1 is about 8.7 million rows. At 0.5 the file
	// has about 4.3 million rows and 680 MB.
	Scale float64
	Seed  uint64

	// Bare leaves out all keys, foreign keys and indexes: the same rows cost
	// Postgres their storing and nothing else.
	Bare bool
}

// tpch holds what the generators of the tables share.
type tpch struct {
	w                                   *writer
	bare                                bool
	seed                                uint64
	suppliers, customers, parts, orders int64
	prose                               prose
	buf                                 []byte // for one text at a time
}

// TPCH writes a database of the shape of the TPC-H benchmark to a new file at
// path. An error leaves no file. The data follow the benchmark's distributions
// (sparse order keys, a third of the customers without orders, dates that
// depend on each other), but are not those of its own generator: results must
// not be called TPC-H results.
func TPCH(ctx context.Context, path string, opts TPCHOptions) (Stats, error) {
	if !(opts.Scale > 0) {
		return Stats{}, errors.New("scale must be greater than 0")
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	g := &tpch{
		w:         w,
		bare:      opts.Bare,
		seed:      opts.Seed,
		prose:     newProse(opts.Seed),
		suppliers: max(suppliersPerPart, scaled(tpchSuppliers, opts.Scale)),
		customers: max(3, scaled(tpchCustomers, opts.Scale)),
		parts:     scaled(tpchParts, opts.Scale),
		orders:    scaled(tpchOrders, opts.Scale),
	}
	return w.finish(g.write())
}

func (g *tpch) write() error {
	tables, indexes := tpchTables, tpchIndexes
	if g.bare {
		tables, indexes = keys.ReplaceAllString(tables, ""), ""
	}
	if err := g.w.exec(tables); err != nil {
		return err
	}
	for _, table := range []func() error{
		g.writeRegions, g.writeNations, g.writeSuppliers, g.writeCustomers,
		g.writeParts, g.writePartSupps, g.writeOrders, g.writeLineItems,
	} {
		if err := table(); err != nil {
			return err
		}
	}
	return g.w.exec(indexes)
}

// keys matches what makes a key in tpchTables: a clause of its own with the
// comma before it, or an attribute of a column.
var keys = regexp.MustCompile(`,\n  (PRIMARY|FOREIGN) KEY \(.*\)| PRIMARY KEY| REFERENCES \w+\(\w+\)`)
