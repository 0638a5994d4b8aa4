package bench

import "time"

// Days since the start of 1970 that TPC-H speaks of (specification, 4.2.3).
const (
	firstDay   = 8035  // 1992-01-01
	currentDay = 9298  // 1995-06-17: what was shipped before is closed
	lastDay    = 10591 // 1998-12-31

	// lastOrderDay leaves room for the longest way to the customer.
	lastOrderDay = lastDay - 151
)

// maxLines is the largest number of line items of an order.
const maxLines = 7

// order is one order with its line items. Line items are written after all
// orders, so each order is made twice, from its number alone: that is cheaper
// than keeping millions of them.
type order struct {
	key, customer, day int64
	total              int64 // cents
	status             string
	lines              []line // in an array of maxLines
}

type line struct {
	part, supplier          int64
	quantity, price         int64 // pieces; cents for all of them
	discount, tax           int64 // percent
	shipped, due, received  int64 // days
	returnFlag, shipStatus  string
	instruction, mode, note int64 // throws for texts
}

// orderKey gives the n-th key (from 0): of each 32 keys the first 8 are used.
func orderKey(n int64) int64 { return n/8*32 + n%8 + 1 }

// makeOrder fills in order n.
func (g *tpch) makeOrder(d *dice, n int64, o *order) {
	d.at(n)
	o.key = orderKey(n)
	// A third of the customers never orders.
	for o.customer = 3; o.customer%3 == 0; {
		o.customer = d.between(1, g.customers)
	}
	o.day = d.between(firstDay, lastOrderDay)
	o.lines = o.lines[:d.between(1, maxLines)]
	o.total = 0
	open := 0
	for i := range o.lines {
		l := &o.lines[i]
		g.makeLine(d, o.day, l)
		o.total += l.price * (100 + l.tax) * (100 - l.discount) / 10_000
		if l.shipStatus == "O" {
			open++
		}
	}
	switch open {
	case 0:
		o.status = "F"
	case len(o.lines):
		o.status = "O"
	default:
		o.status = "P"
	}
}

func (g *tpch) makeLine(d *dice, ordered int64, l *line) {
	l.part = d.between(1, g.parts)
	l.supplier = g.partSupplier(l.part, d.Int64N(suppliersPerPart))
	l.quantity = d.between(1, 50)
	l.price = l.quantity * retailPrice(l.part)
	l.discount, l.tax = d.Int64N(11), d.Int64N(9)
	l.shipped = ordered + d.between(1, 121)
	l.due = ordered + d.between(30, 90)
	l.received = l.shipped + d.between(1, 30)
	l.shipStatus = "F"
	if l.shipped > currentDay {
		l.shipStatus = "O"
	}
	l.returnFlag = "N"
	if l.received <= currentDay {
		l.returnFlag = d.pick(returnFlags)
	}
	l.instruction, l.mode = d.Int64N(int64(len(instructions))), d.Int64N(int64(len(modes)))
	l.note = d.Int64()
}

// partSupplier gives the i-th supplier of a part (specification, 4.2.3, the
// step bounded so that four suppliers differ at any scale).
func (g *tpch) partSupplier(part, i int64) int64 {
	quarter, third := g.suppliers/suppliersPerPart, g.suppliers/(suppliersPerPart-1)
	step := quarter + (part-1)/g.suppliers%max(1, third-quarter)
	return (part+i*step)%g.suppliers + 1
}

// retailPrice gives the price of a part in cents (specification, 4.2.3).
func retailPrice(part int64) int64 { return 90_000 + part/10%20_001 + 100*(part%1_000) }

// calendar holds the texts of all days that occur.
type calendar []string

func newCalendar() calendar {
	days := make(calendar, 0, lastDay-firstDay+1)
	for day := time.Unix(firstDay*secondsPerDay, 0).UTC(); len(days) < cap(days); day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(time.DateOnly))
	}
	return days
}

const secondsPerDay = 86_400

// text gives a day as 1995-06-17.
func (c calendar) text(day int64) string { return c[day-firstDay] }

var (
	returnFlags  = []string{"R", "A"}
	instructions = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"}
	modes        = []string{"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"}
	priorities   = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
)
