package bench

import "strconv"

func (s *shop) writeCategories() error {
	t, err := s.w.into("categories", "id", "parent_id", "slug", "name", "position")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "categories")
	roots := int64(len(departments))
	last := s.categories()
	for id := int64(1); id <= last; id++ {
		t.int(id)
		name := departments[(id-1)%roots]
		switch {
		case id == 1:
			// A row that refers to one which comes later.
			t.int(last)
		case id <= roots:
			t.null()
		default:
			t.int(d.between(2, id-1))
			name = d.pick(subjects) + " " + name
		}
		t.text(s.joined("category-", id))
		t.string(name)
		t.int(id % 10)
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) categories() int64 {
	return max(int64(len(departments))+1, scaled(shopCategories, s.scale))
}

func (s *shop) writeProducts() error {
	t, err := s.w.into("products", "id", "sku", "category_id", "name", "description", "price", "cost",
		"weight_kg", "attributes", "thumbnail", "active", "created_at", "updated_at")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "products")
	for n := range scaled(shopProducts, s.scale) {
		price := d.between(199, 49_999)
		s.prices = append(s.prices, price)
		created := d.moment(shopOpens)
		t.int(n + 1)
		t.text(padded(append(s.buf[:0], d.pick(skuPrefixes)...), n+1, 6))
		t.int(d.between(2, s.categories()))
		t.string(d.pick(qualities) + " " + d.pick(materials) + " " + d.pick(things))
		s.buf = d.words(s.buf[:0], sentences, d.between(2, 7))
		t.text(s.buf)
		t.cents(price)
		if d.chance(10) {
			t.null()
		} else {
			t.cents(price * d.between(30, 70) / 100)
		}
		t.real(float64(d.between(1, 40_000)) / 1024) // exact in binary
		t.text(s.attributes(d))
		s.thumbnail(d, t)
		t.bool(!d.chance(8))
		t.text(s.naive(created, d.Int64N(1000)))
		if d.chance(30) {
			t.null()
		} else {
			t.text(s.naive(d.moment(created), 0))
		}
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

// attributes gives JSON as applications write it: with blanks, nested values,
// escapes, and numbers of which jsonb keeps the digits.
func (s *shop) attributes(d *dice) []byte {
	s.buf = append(append(s.buf[:0], `{"color": "`...), d.pick(colorNames)...)
	s.buf = append(append(s.buf, `", "size": "`...), d.pick(sizes)...)
	s.buf = strconv.AppendInt(append(s.buf, `", "dimensions": {"w": `...), d.between(1, 200), 10)
	s.buf = strconv.AppendInt(append(s.buf, `.50, "h": `...), d.between(1, 200), 10)
	s.buf = strconv.AppendBool(append(s.buf, `}, "fragile": `...), d.chance(20))
	if d.chance(5) {
		s.buf = append(s.buf, `, "hint": "caf\u00e9 \u2615 \"to go\""`...)
	}
	return append(s.buf, '}')
}

// thumbnail gives bytes that begin as a PNG file does.
func (s *shop) thumbnail(d *dice, t *insert) {
	if d.chance(30) {
		t.null()
		return
	}
	s.buf = append(s.buf[:0], "\x89PNG\r\n\x1a\n"...)
	s.buf = d.bytes(s.buf, int(d.between(200, 1_800)))
	t.blob(s.buf)
}

func (s *shop) writeTags() error {
	t, err := s.w.into("tags", "id", "name")
	if err != nil {
		return err
	}
	for i, name := range tagNames {
		t.int(int64(i) + 1)
		t.string(name)
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

// writeProductTags gives each product up to five tags, which lie side by side.
func (s *shop) writeProductTags() error {
	t, err := s.w.into("product_tags", "product_id", "tag_id")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "product_tags")
	for product := range int64(len(s.prices)) {
		many := d.between(0, 5)
		first := d.between(1, int64(len(tagNames))-many)
		for tag := first; tag < first+many; tag++ {
			t.int(product + 1)
			t.int(tag)
			if err := t.row(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *shop) writeInventory() error {
	t, err := s.w.into("inventory", "warehouse", "product_id", "on_hand", "counted_on")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "inventory")
	for _, warehouse := range []string{"HAM", "WAW"} {
		for product := range int64(len(s.prices)) {
			t.string(warehouse)
			t.int(product + 1)
			t.int(d.skewed(500))
			if d.chance(5) {
				t.null()
			} else {
				t.text(s.day(shopToday - d.Int64N(90)*msPerDay))
			}
			if err := t.row(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *shop) writeSettings() error {
	t, err := s.w.into("settings", "key", "value")
	if err != nil {
		return err
	}
	for _, setting := range settings {
		t.string(setting[0])
		t.string(setting[1])
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}
