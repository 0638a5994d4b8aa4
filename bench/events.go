package bench

import (
	"context"
	"strconv"
	"time"
)

// Rows of the events at scale 1, together about 450 MB.
const (
	eventAccounts = 5_000
	eventRows     = 800_000
)

const eventTables = `
CREATE TABLE accounts (
  id         CHAR(36) PRIMARY KEY NOT NULL,
  name       TEXT NOT NULL,
  settings   JSON NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE TABLE events (
  id          CHAR(36) PRIMARY KEY NOT NULL,
  account_id  CHAR(36) NOT NULL REFERENCES accounts(id),
  session     CHAR(32),
  kind        VARCHAR(20) NOT NULL,
  payload     JSON NOT NULL,
  tags        JSON,
  day         DATE NOT NULL,
  happened_at DATETIME NOT NULL,
  received_at TIMESTAMP NOT NULL,
  stored_at   DATETIME NOT NULL
);
`

// eventIndexes are made last, as a careful user would.
const eventIndexes = `CREATE INDEX events_account ON events(account_id, happened_at);`

var eventKinds = []string{"page.view", "cart.add", "cart.remove", "order.placed", "order.paid", "login", "logout", "search"}

// Events writes what applications log, to a new file at path: UUIDs with and
// without hyphens, JSON, dates, and times as text of microseconds, as
// ISO 8601 with Z and as milliseconds. At scale 1 these are 805,000 rows in
// 450 MB. An error leaves no file.
func Events(ctx context.Context, path string, size Size) (Stats, error) {
	size, err := size.normal()
	if err != nil {
		return Stats{}, err
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	g := &events{}
	return w.finish(w.writeParts(eventTables, []part{
		{"accounts", "id name settings created_at", eventAccounts, 0, g.account},
		{"events", "id account_id session kind payload tags day happened_at received_at stored_at", eventRows, 0, g.event},
	}, size, eventIndexes))
}

type events struct {
	accounts [][16]byte
	buf      []byte
}

func (g *events) account(t *insert, d *dice, _ int64) {
	id := d.uuid()
	g.accounts = append(g.accounts, id)
	g.uuid(t, id)
	t.string(d.pick(adjectives) + " " + d.pick(nouns))
	t.string(`{"theme":"` + d.pick(colors) + `","beta":` + strconv.FormatBool(d.chance(10)) + `}`)
	g.time(t, d.micro(), time.DateTime)
}

func (g *events) event(t *insert, d *dice, _ int64) {
	at := d.micro()
	g.uuid(t, d.uuid())
	g.uuid(t, g.accounts[d.skewed(int64(len(g.accounts)))])
	if d.chance(20) {
		t.null()
	} else {
		t.text(appendHex(g.buf[:0], d.uuid()))
	}
	t.string(d.pick(eventKinds))
	t.text(g.payload(d))
	if d.chance(30) {
		t.null()
	} else {
		t.string(`["` + d.pick(nouns) + `","` + d.pick(verbs) + `"]`)
	}
	g.time(t, at, time.DateOnly)
	g.time(t, at, "2006-01-02 15:04:05.000000")
	g.time(t, at+d.between(1_000, 900_000), "2006-01-02T15:04:05.000Z")
	t.int((at + d.between(900_000, 5_000_000)) / 1000)
}

// payload gives an object of some depth, as clients send it.
func (g *events) payload(d *dice) []byte {
	b := g.buf[:0]
	b = append(b, `{"path":"/`...)
	b = append(b, d.pick(colors)...)
	b = append(b, '/')
	b = strconv.AppendInt(b, d.between(1, 99_999), 10)
	b = append(b, `","ms":`...)
	b = strconv.AppendFloat(b, float64(d.between(1, 99_999))/100, 'f', -1, 64)
	b = append(b, `,"client":{"agent":"`...)
	b = append(b, d.pick(userAgents)...)
	b = append(b, `","lang":"de-DE","touch":`...)
	b = strconv.AppendBool(b, d.chance(40))
	b = append(b, `},"items":[`...)
	for range d.between(0, 3) {
		b = append(b, `{"sku":"`...)
		b = padded(b, d.between(1, 99_999), 8)
		b = append(b, `","n":`...)
		b = strconv.AppendInt(b, d.between(1, 9), 10)
		b = append(b, `},`...)
	}
	b = append(b, `null],"note":null}`...)
	g.buf = b
	return b
}

func (g *events) uuid(t *insert, id [16]byte) {
	g.buf = appendUUID(g.buf[:0], id)
	t.text(g.buf)
}

func (g *events) time(t *insert, micros int64, layout string) {
	g.buf = appendTime(g.buf[:0], micros, layout)
	t.text(g.buf)
}
