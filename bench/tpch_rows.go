package bench

import "fmt"

func (g *tpch) writeRegions() error {
	t, err := g.w.into("region", "r_regionkey", "r_name", "r_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "region")
	for key, name := range regions {
		t.int(int64(key))
		t.string(name)
		t.text(g.note(d, 31, 115))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writeNations() error {
	t, err := g.w.into("nation", "n_nationkey", "n_name", "n_regionkey", "n_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "nation")
	for key, nation := range nations {
		t.int(int64(key))
		t.string(nation.name)
		t.int(nation.region)
		t.text(g.note(d, 31, 114))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writeSuppliers() error {
	t, err := g.w.into("supplier", "s_suppkey", "s_name", "s_address", "s_nationkey", "s_phone", "s_acctbal", "s_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "supplier")
	for key := range g.suppliers {
		nation := d.Int64N(int64(len(nations)))
		t.int(key + 1)
		t.text(g.numbered("Supplier#", key+1))
		t.text(g.address(d))
		t.int(nation)
		t.text(g.phone(d, nation))
		t.cents(d.between(-99_999, 999_999))
		t.text(g.note(d, 25, 100))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writeCustomers() error {
	t, err := g.w.into("customer", "c_custkey", "c_name", "c_address", "c_nationkey", "c_phone", "c_acctbal", "c_mktsegment", "c_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "customer")
	for key := range g.customers {
		nation := d.Int64N(int64(len(nations)))
		t.int(key + 1)
		t.text(g.numbered("Customer#", key+1))
		t.text(g.address(d))
		t.int(nation)
		t.text(g.phone(d, nation))
		t.cents(d.between(-99_999, 999_999))
		t.string(d.pick(segments))
		t.text(g.note(d, 29, 116))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writeParts() error {
	t, err := g.w.into("part", "p_partkey", "p_name", "p_mfgr", "p_brand", "p_type", "p_size", "p_container", "p_retailprice", "p_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "part")
	for key := range g.parts {
		maker := d.between(1, 5)
		t.int(key + 1)
		g.buf = d.words(g.buf[:0], colors, 5)
		t.text(g.buf[:min(len(g.buf), 55)])
		t.text(fmt.Appendf(g.buf[:0], "Manufacturer#%d", maker))
		t.text(fmt.Appendf(g.buf[:0], "Brand#%d%d", maker, d.between(1, 5)))
		t.text(fmt.Appendf(g.buf[:0], "%s %s %s", d.pick(typeSizes), d.pick(typeFinishes), d.pick(typeMetals)))
		t.int(d.between(1, 50))
		t.text(fmt.Appendf(g.buf[:0], "%s %s", d.pick(boxSizes), d.pick(boxes)))
		t.cents(retailPrice(key + 1))
		t.text(g.note(d, 5, 22))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writePartSupps() error {
	t, err := g.w.into("partsupp", "ps_partkey", "ps_suppkey", "ps_availqty", "ps_supplycost", "ps_comment")
	if err != nil {
		return err
	}
	d := newDice(g.seed, "partsupp")
	for key := range g.parts {
		for i := range int64(suppliersPerPart) {
			t.int(key + 1)
			t.int(g.partSupplier(key+1, i))
			t.int(d.between(1, 9_999))
			t.cents(d.between(100, 100_000))
			t.text(g.note(d, 49, 198))
			if err := t.row(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *tpch) writeOrders() error {
	t, err := g.w.into("orders", "o_orderkey", "o_custkey", "o_orderstatus", "o_totalprice", "o_orderdate",
		"o_orderpriority", "o_clerk", "o_shippriority", "o_comment")
	if err != nil {
		return err
	}
	d, days := newDice(g.seed, "orders"), newCalendar()
	o := order{lines: make([]line, maxLines)}
	for n := range g.orders {
		g.makeOrder(d, n, &o)
		t.int(o.key)
		t.int(o.customer)
		t.string(o.status)
		t.cents(o.total)
		t.string(days.text(o.day))
		t.string(d.pick(priorities))
		t.text(g.numbered("Clerk#", d.between(1, max(1, g.orders/1_500))))
		t.int(0)
		t.text(g.note(d, 19, 78))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *tpch) writeLineItems() error {
	t, err := g.w.into("lineitem", "l_orderkey", "l_partkey", "l_suppkey", "l_linenumber",
		"l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_returnflag", "l_linestatus",
		"l_shipdate", "l_commitdate", "l_receiptdate", "l_shipinstruct", "l_shipmode", "l_comment")
	if err != nil {
		return err
	}
	// The dice of the orders: makeOrder must give the same order again.
	d, days := newDice(g.seed, "orders"), newCalendar()
	o := order{lines: make([]line, maxLines)}
	for n := range g.orders {
		g.makeOrder(d, n, &o)
		for i := range o.lines {
			l := &o.lines[i]
			t.int(o.key)
			t.int(l.part)
			t.int(l.supplier)
			t.int(int64(i) + 1)
			t.int(l.quantity)
			t.cents(l.price)
			t.cents(l.discount)
			t.cents(l.tax)
			t.string(l.returnFlag)
			t.string(l.shipStatus)
			t.string(days.text(l.shipped))
			t.string(days.text(l.due))
			t.string(days.text(l.received))
			t.string(instructions[l.instruction])
			t.string(modes[l.mode])
			t.text(g.prose.cut(l.note, 10, 43))
			if err := t.row(); err != nil {
				return err
			}
		}
	}
	return nil
}
