package bench

import (
	"strconv"
	"strings"
)

func (s *shop) writeUsers() error {
	t, err := s.w.into("users", "id", "email", "full_name", "is_active", "is_staff", "credit",
		"preferences", "birthday", "created_at", "last_login")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "users")
	for n := range scaled(shopUsers, s.scale) {
		id := d.uuid()
		s.users = append(s.users, id)
		given, family := d.pick(givenNames), d.pick(familyNames)
		joined := d.moment(shopOpens)
		t.text(s.uuidText(id))
		t.text(s.email(d, n))
		t.string(given + " " + family)
		t.bool(!d.chance(6))
		t.bool(n < 5)
		t.cents(s.credit(d))
		s.preferences(d, t)
		if d.chance(40) {
			t.null()
		} else {
			// From 1940 on: half of the shop's users were born before 1970.
			t.text(s.day(-30*365*msPerDay + d.Int64N(65*365)*msPerDay))
		}
		t.text(s.naive(joined, d.Int64N(1000)))
		if d.chance(15) {
			t.null()
		} else {
			t.text(s.naive(d.moment(joined)/1000*1000, d.Int64N(1_000_000)))
		}
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

// email gives an address that is unique by its number. Users type capital
// letters as they like: that is what COLLATE NOCASE is there for.
func (s *shop) email(d *dice, n int64) []byte {
	local := d.pick(mailNames)
	switch {
	case d.chance(20):
		local = strings.ToUpper(local[:1]) + local[1:]
	case d.chance(2):
		local = strings.ToUpper(local)
	}
	return s.joined(local+".", n, "@", d.pick(mailDomains))
}

func (s *shop) credit(d *dice) int64 {
	switch {
	case d.chance(70):
		return 0
	case d.chance(5):
		return -d.between(1, 5_000)
	}
	return d.between(1, 100_000)
}

func (s *shop) preferences(d *dice, t *insert) {
	switch {
	case d.chance(10):
		t.null()
	case d.chance(30):
		t.string("{}")
	default:
		t.string(`{"theme":"` + d.pick([]string{"dark", "light", "system"}) +
			`","locale":"` + d.pick([]string{"de-DE", "en-GB", "fr-FR", "pl-PL", "ja-JP"}) +
			`","newsletter":` + strconv.FormatBool(d.chance(50)) +
			`,"recent":[` + strconv.FormatInt(d.between(1, 500), 10) + `,` + strconv.FormatInt(d.between(1, 500), 10) + `]}`)
	}
}

func (s *shop) writeAddresses() error {
	t, err := s.w.into("addresses", "id", "user_id", "kind", "is_default", "street", "postcode", "city", "country", "created_at")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "addresses")
	users := int64(len(s.users))
	for n := range scaled(shopAddresses, s.scale) {
		// First a shipping address for everyone, then further ones for some.
		a := address{id: d.uuid(), user: n % users}
		kind := "shipping"
		if n >= users && d.chance(70) {
			kind = "billing"
		}
		s.addresses = append(s.addresses, a)
		t.text(s.hexText(a.id))
		t.text(s.uuidText(s.users[a.user]))
		t.string(kind)
		t.bool(n < users || (n < 2*users && kind == "billing")) // one of a kind at most
		city := cities[d.IntN(len(cities))]
		t.text(s.joined(d.pick(city.streets)+" ", d.between(1, 180)))
		t.text(padded(s.buf[:0], d.between(1_000, 99_999), 5)) // zeros in front count
		t.string(city.name)
		t.string(city.country)
		t.text(s.zulu(d.moment(shopOpens)))
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) writeSessions() error {
	t, err := s.w.into("sessions", "id", "user_id", "ip", "user_agent", "started_at", "expires_at")
	if err != nil {
		return err
	}
	d := newDice(s.seed, "sessions")
	for range scaled(shopSessions, s.scale) {
		id := d.uuid()
		started := d.moment(shopOpens)
		t.blob(id[:])
		t.text(s.uuidText(s.users[d.skewed(int64(len(s.users)))]))
		t.text(s.ip(d))
		if d.chance(3) {
			t.null()
		} else {
			t.string(d.pick(userAgents))
		}
		t.int(started)
		t.int(started + d.between(1, 30)*msPerDay)
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

// ip gives an address of the blocks that are set aside for documentation.
func (s *shop) ip(d *dice) []byte {
	if d.chance(25) {
		s.buf = append(s.buf[:0], "2001:db8::"...)
		s.buf = strconv.AppendInt(s.buf, d.between(1, 0xffff), 16)
		return s.buf
	}
	return s.joined(d.pick([]string{"192.0.2.", "198.51.100.", "203.0.113."}), d.between(1, 254))
}
