package bench

import (
	"context"
	"time"
)

// Rows of the small database at scale 1: 15,000 in all.
const (
	smallBranches = 5
	smallHours    = 7 * smallBranches
	smallMembers  = 900
	smallHouses   = 60
	smallAuthors  = 300
	smallBooks    = 1_500
	smallCredits  = 2_000
	smallCopies   = 3_000
	smallLoans    = 6_000
	smallFines    = 400
	smallHolds    = 800
)

// smallTables are those of a lending library: eleven tables, as an application
// of one developer has them.
const smallTables = `
CREATE TABLE branches (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(60) NOT NULL UNIQUE
);
CREATE TABLE opening_hours (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  branch_id INTEGER NOT NULL REFERENCES branches(id),
  weekday   INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  opens     VARCHAR(5) NOT NULL
);
CREATE TABLE members (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  email    VARCHAR(254) NOT NULL UNIQUE,
  name     VARCHAR(100) NOT NULL,
  active   BOOLEAN NOT NULL,
  born     DATE,
  joined   DATETIME NOT NULL
);
CREATE TABLE publishers (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(100) NOT NULL
);
CREATE TABLE authors (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(100) NOT NULL
);
CREATE TABLE books (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  isbn         CHAR(13) NOT NULL UNIQUE,
  title        VARCHAR(200) NOT NULL,
  publisher_id INTEGER NOT NULL REFERENCES publishers(id),
  year         INTEGER,
  price        DECIMAL(8,2)
);
CREATE TABLE credits (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  book_id   INTEGER NOT NULL REFERENCES books(id),
  author_id INTEGER NOT NULL REFERENCES authors(id)
);
CREATE TABLE copies (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  book_id   INTEGER NOT NULL REFERENCES books(id),
  branch_id INTEGER NOT NULL REFERENCES branches(id),
  bought    DATE NOT NULL
);
CREATE TABLE loans (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  copy_id   INTEGER NOT NULL REFERENCES copies(id),
  member_id INTEGER NOT NULL REFERENCES members(id),
  lent      DATETIME NOT NULL,
  returned  DATETIME
);
CREATE TABLE fines (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  loan_id INTEGER NOT NULL REFERENCES loans(id),
  amount  DECIMAL(6,2) NOT NULL,
  paid    BOOLEAN NOT NULL
);
CREATE TABLE holds (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  book_id   INTEGER NOT NULL REFERENCES books(id),
  member_id INTEGER NOT NULL REFERENCES members(id),
  placed    DATETIME NOT NULL
);
`

// smallIndexes are made last, as a careful user would.
const smallIndexes = `
CREATE INDEX books_title ON books(title);
CREATE INDEX copies_book ON copies(book_id);
CREATE INDEX loans_copy ON loans(copy_id);
CREATE INDEX loans_member ON loans(member_id, lent);
`

// Small writes the database of a lending library to a new file at path: eleven
// tables with 15,000 rows at scale 1. With so few, a migration shows what it
// costs to begin and to end. An error leaves no file.
func Small(ctx context.Context, path string, size Size) (Stats, error) {
	size, err := size.normal()
	if err != nil {
		return Stats{}, err
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	g := &small{scale: size.Scale}
	return w.finish(w.writeParts(smallTables, g.parts(), size, smallIndexes))
}

type small struct {
	scale float64
	buf   []byte
}

func (g *small) parts() []part {
	return []part{
		{"branches", "name", smallBranches, 0, g.branch},
		{"opening_hours", "branch_id weekday opens", smallHours, 0, g.hours},
		{"members", "email name active born joined", smallMembers, 0, g.member},
		{"publishers", "name", smallHouses, 0, g.name},
		{"authors", "name", smallAuthors, 0, g.name},
		{"books", "isbn title publisher_id year price", smallBooks, 0, g.book},
		{"credits", "book_id author_id", smallCredits, 0, g.credit},
		{"copies", "book_id branch_id bought", smallCopies, 0, g.copy},
		{"loans", "copy_id member_id lent returned", smallLoans, 0, g.loan},
		{"fines", "loan_id amount paid", smallFines, 0, g.fine},
		{"holds", "book_id member_id placed", smallHolds, 0, g.hold},
	}
}

func (g *small) branch(t *insert, d *dice, n int64) {
	g.buf = padded(append(append(g.buf[:0], d.pick(colors)...), ' '), n+1, 2)
	t.text(g.buf)
}

func (g *small) hours(t *insert, d *dice, n int64) {
	t.int(1 + n/7%scaled(smallBranches, g.scale))
	t.int(n % 7)
	t.string(d.pick([]string{"08:00", "09:00", "10:30"}))
}

func (g *small) member(t *insert, d *dice, n int64) {
	g.buf = padded(append(append(g.buf[:0], d.pick(mailNames)...), '.'), n, 5)
	t.text(append(append(g.buf, '@'), d.pick(mailDomains)...))
	g.name(t, d, n)
	t.bool(d.chance(90))
	if d.chance(20) {
		t.null()
	} else {
		g.moment(t, d.micro()-30*365*secondsPerDay*1_000_000, time.DateOnly)
	}
	g.moment(t, d.micro(), "2006-01-02 15:04:05.000000")
}

func (g *small) name(t *insert, d *dice, _ int64) {
	t.string(d.pick(givenNames) + " " + d.pick(familyNames))
}

func (g *small) book(t *insert, d *dice, n int64) {
	t.text(padded(append(g.buf[:0], "978"...), n*7919, 10))
	g.buf = d.words(g.buf[:0], adjectives, d.between(1, 4))
	t.text(g.buf)
	g.ref(t, d, smallHouses)
	t.int(d.between(1890, 2025))
	t.cents(d.between(299, 9_999))
}

func (g *small) credit(t *insert, d *dice, _ int64) {
	g.ref(t, d, smallBooks)
	g.ref(t, d, smallAuthors)
}

func (g *small) copy(t *insert, d *dice, _ int64) {
	g.ref(t, d, smallBooks)
	g.ref(t, d, smallBranches)
	g.moment(t, d.micro(), time.DateOnly)
}

func (g *small) loan(t *insert, d *dice, _ int64) {
	lent := d.micro()
	g.ref(t, d, smallCopies)
	g.ref(t, d, smallMembers)
	g.moment(t, lent, time.DateTime)
	if d.chance(8) {
		t.null()
	} else {
		g.moment(t, lent+d.between(1, 60)*secondsPerDay*1_000_000, time.DateTime)
	}
}

func (g *small) fine(t *insert, d *dice, _ int64) {
	g.ref(t, d, smallLoans)
	t.cents(d.between(50, 3_000))
	t.bool(d.chance(60))
}

func (g *small) hold(t *insert, d *dice, _ int64) {
	g.ref(t, d, smallBooks)
	g.ref(t, d, smallMembers)
	g.moment(t, d.micro(), time.DateTime)
}

// ref gives a key of a table that has rows rows at scale 1.
func (g *small) ref(t *insert, d *dice, rows int64) { t.int(d.between(1, scaled(rows, g.scale))) }

func (g *small) moment(t *insert, micros int64, layout string) {
	g.buf = appendTime(g.buf[:0], micros, layout)
	t.text(g.buf)
}
