package bench

import "context"

// Dataset is a kind of database that this package makes.
type Dataset struct {
	Name  string
	About string // what it is, and how large at scale 1

	// Write makes the database in a new file at path. An error leaves no file.
	Write func(ctx context.Context, path string, size Size) (Stats, error)
}

// Datasets are all kinds, by name.
func Datasets() []Dataset {
	return []Dataset{
		{"tpch", "the eight tables of TPC-H; scale 0.5 is 4.3 million rows in 690 MB", tpchSet(false)},
		{"tpch-bare", "the same rows without keys and indexes, to measure the way of the rows alone", tpchSet(true)},
		{"shop", "a web shop with all that applications keep in SQLite: 200,000 rows", func(ctx context.Context, path string, size Size) (Stats, error) {
			return Shop(ctx, path, ShopOptions(size))
		}},
		{"wide", "one table of 150 columns: 250,000 rows in 350 MB", Wide},
		{"narrow", "one table of three integers: 20 million rows", Narrow},
		{"large", "BLOBs and texts of up to 4 MB: 500 MB", Large},
		{"events", "JSON, UUIDs, dates and times: 805,000 rows in 450 MB", Events},
		{"small", "a lending library: 15,000 rows in eleven tables", Small},
	}
}

func tpchSet(bare bool) func(context.Context, string, Size) (Stats, error) {
	return func(ctx context.Context, path string, size Size) (Stats, error) {
		return TPCH(ctx, path, TPCHOptions{Scale: size.Scale, Seed: size.Seed, Bare: bare})
	}
}
