package contest

// fixtureBars are about the archive that a migration writes beside its load.
func (r *Result) fixtureBars() []Bar {
	cost := Bar{What: "migration with --fixture, by the same without it", Limit: 1.35}
	size := Bar{What: "the archive, by the SQLite file", Limit: 1.0 / 3}
	memory := Bar{What: "peak memory with --fixture", Limit: 150, Unit: "MB"}
	c := r.pick("tpch", false)
	if c == nil {
		return []Bar{cost, size, memory}
	}
	own := c.entry(nameFixture, 0)
	archive := own.median(func(l Lap) float64 { return float64(l.Archive) })
	return []Bar{
		cost.at(ratio(own.seconds(), c.entry(nameFull, 0).seconds()), c.Case),
		size.at(ratio(archive, float64(c.Bytes)), c.Case),
		memory.at(float64(own.peak())/1e6, c.Case),
	}
}

// reseedBars are about filling a database from an archive.
func (r *Result) reseedBars() []Bar {
	// The load stage of a reseeding overlaps with the ANALYZE of tables that are
	// in, the floor's rows do not; the whole job has both on either side.
	rows := Bar{What: "reseeding, the load stage, by the floor's rows", Limit: 1.2}
	bare := Bar{What: "reseeding tables without keys, by the floor", Limit: 1.2}
	whole := Bar{What: "reseeding, whole job with verify=counts, by the floor", Limit: 1.2}
	memory := Bar{What: "peak memory of reseeding", Limit: 150, Unit: "MB"}
	if c := r.pick("tpch-bare", false); c != nil {
		own, least := c.entry(reseedPrefix+"none", 0), c.entry(nameFloor, 0)
		rows = rows.at(ratio(own.stage("load"), least.stage(stageRows)), c.Case)
		bare = bare.at(ratio(own.seconds(), least.seconds()), c.Case)
	}
	if c := r.pick("tpch", false); c != nil {
		counts, full := c.entry(reseedPrefix+"counts", 0), c.entry(reseedPrefix+"full", 0)
		whole = whole.at(ratio(counts.seconds(), c.entry(nameFloor, 0).seconds()), c.Case)
		memory = memory.at(float64(max(counts.peak(), full.peak()))/1e6, c.Case)
	}
	return []Bar{rows, bare, whole, memory}
}

// templateBars are about a fresh copy of the demo's shop.
func (r *Result) templateBars() []Bar {
	fresh := Bar{What: "a fresh copy of the shop by --template", Limit: 1, Unit: "s"}
	gain := Bar{What: "reseeding the shop with verify=full, by --template", Limit: 10, Least: true}
	spare := Bar{What: "the same, by --template --spare", Limit: 10, Least: true}
	c := r.pick("shop", false)
	if c == nil {
		return []Bar{fresh, gain, spare}
	}
	full, own := c.entry(reseedPrefix+"full", 0).seconds(), c.entry(nameTemplate, 0).seconds()
	return []Bar{
		fresh.at(own, c.Case),
		gain.at(ratio(full, own), c.Case),
		spare.at(ratio(full, c.entry(nameSpare, 0).seconds()), c.Case),
	}
}
