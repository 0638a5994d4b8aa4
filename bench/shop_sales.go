package bench

import "strconv"

// writeOrders writes orders in the sequence of their times, and throws the
// items of each, of which it only keeps the sum: writeOrderItems throws again.
func (s *shop) writeOrders() error {
	t, err := s.w.into("orders", "id", "number", "user_id", "ship_to", "status",
		"subtotal_cents", "shipping_cents", "gift", "note", "metadata", "placed_at")
	if err != nil {
		return err
	}
	d, items := newDice(s.seed, "orders"), newDice(s.seed, "order_items")
	total := scaled(shopOrders, s.scale)
	for n := range total {
		o := sale{placed: shopOpens + (shopToday-shopOpens)/total*n + d.Int64N(60_000)}
		s.eachItem(items, n, func(i item) {
			o.lines++
			o.cents += i.quantity * s.prices[i.product]
		})
		to := s.addresses[d.skewed(int64(len(s.addresses)))]
		status := d.pick(orderStates)
		o.paid = status == "paid" || status == "shipped"
		t.int(n + 1)
		t.text(s.uuidText(d.uuid()))
		t.text(s.uuidText(s.users[to.user]))
		if d.chance(4) {
			t.null()
		} else {
			t.text(s.hexText(to.id))
		}
		t.string(status)
		t.int(o.cents)
		shipping := int64(0)
		if o.cents < 5_000 {
			shipping = 490
		}
		t.int(shipping)
		t.bool(d.chance(7))
		s.orderNote(d, t)
		s.orderMetadata(d, t)
		t.int(o.placed)
		if err := t.row(); err != nil {
			return err
		}
		o.cents += shipping
		s.orders = append(s.orders, o)
	}
	return nil
}

func (s *shop) orderNote(d *dice, t *insert) {
	switch {
	case d.chance(85):
		t.null()
	case d.chance(10):
		t.string("") // not the same as NULL
	default:
		t.string(d.pick(orderNotes))
	}
}

func (s *shop) orderMetadata(d *dice, t *insert) {
	if d.chance(60) {
		t.null()
		return
	}
	t.string(`{"campaign":"` + d.pick([]string{"spring", "søndag", "ブラックフライデー"}) +
		`","clicks":` + strconv.FormatInt(d.between(0, 40), 10) + `,"coupon":null}`)
}

// item is a row of order_items.
type item struct {
	product, quantity int64 // product counts from 0
}

// eachItem yields the items of order n, always the same ones.
func (s *shop) eachItem(d *dice, n int64, yield func(item)) {
	d.at(n)
	for range d.between(1, 4) {
		yield(item{product: d.skewed(int64(len(s.prices))), quantity: 1 + d.skewed(5)})
	}
}

func (s *shop) writeOrderItems() error {
	t, err := s.w.into("order_items", "order_id", "line_no", "product_id", "quantity", "unit_price")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "order_items")
	for n := range int64(len(s.orders)) {
		var failed error
		line := int64(0)
		s.eachItem(d, n, func(i item) {
			line++
			t.int(n + 1)
			t.int(line)
			t.int(i.product + 1)
			t.int(i.quantity)
			t.cents(s.prices[i.product])
			if err := t.row(); err != nil {
				failed = err
			}
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}

func (s *shop) writeReturns() error {
	t, err := s.w.into("returns", "id", "order_id", "line_no", "reason", "opened")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "returns")
	id := int64(0)
	for range scaled(shopReturns, s.scale) {
		n := d.Int64N(int64(len(s.orders)))
		id += d.between(1, 3) // gaps, as deleted rows leave
		t.int(id)
		t.int(n + 1)
		t.int(d.between(1, s.orders[n].lines))
		if d.chance(30) {
			t.null()
		} else {
			t.string(d.pick(returnReasons))
		}
		t.text(s.day(s.orders[n].placed + d.between(2, 14)*msPerDay))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) writePayments() error {
	t, err := s.w.into("payments", "id", "order_id", "provider", "amount_cents", "fee", "reference",
		"signature", "succeeded", "created_ms")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "payments")
	for n, o := range s.orders {
		if !o.paid {
			continue
		}
		t.text(s.uuidText(d.uuid()))
		t.int(int64(n) + 1)
		t.string(d.pick([]string{"card", "paypal", "sepa", "przelewy24"}))
		t.int(o.cents)
		t.real(float64(o.cents) * 0.0175)
		if d.chance(50) {
			t.text(padded(s.buf[:0], d.Int64N(1e12), 12)) // text, whose zeros count, in a column of type ANY
		} else {
			t.int(d.Int64())
		}
		s.buf = d.bytes(s.buf[:0], 32)
		t.blob(s.buf)
		t.bool(!d.chance(2))
		t.int(o.placed + d.between(1_000, 600_000))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) writeReviews() error {
	t, err := s.w.into("reviews", "id", "product_id", "user_id", "rating", "title", "body", "verified", "created_at")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "reviews")
	type pair struct{ product, user int64 }
	seen := make(map[pair]bool)
	for range scaled(shopReviews, s.scale) {
		p := pair{d.skewed(int64(len(s.prices))), d.Int64N(int64(len(s.users)))}
		if seen[p] {
			continue // nobody reviews a product twice
		}
		seen[p] = true
		t.int(int64(len(seen)))
		t.int(p.product + 1)
		t.text(s.uuidText(s.users[p.user]))
		t.int(5 - d.skewed(5))
		if d.chance(25) {
			t.null()
		} else {
			t.string(d.pick(reviewTitles))
		}
		s.buf = d.words(s.buf[:0], reviewSentences, d.between(1, 6))
		t.text(s.buf)
		t.bool(d.chance(60))
		t.text(s.naive(d.moment(shopOpens), d.Int64N(1000)))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}
