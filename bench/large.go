package bench

import (
	"context"
	"math/bits"
)

// Rows of the large values at scale 1, together about 500 MB.
const (
	largeFiles    = 700
	largeArticles = 2_000
)

// Sizes of the large values are powers of two times a chance number: from less
// than a page to overflow chains of a thousand pages.
const (
	minFile, maxFile       = 1 << 8, 1 << 22
	minArticle, maxArticle = 1 << 9, 1 << 19
)

const largeTables = `
CREATE TABLE files (
  id         INTEGER PRIMARY KEY,
  name       VARCHAR(80) NOT NULL UNIQUE,
  media_type VARCHAR(40) NOT NULL,
  content    BLOB NOT NULL
);
CREATE TABLE articles (
  id      INTEGER PRIMARY KEY,
  file_id INTEGER NOT NULL REFERENCES files(id),
  title   VARCHAR(120) NOT NULL,
  body    TEXT NOT NULL
);
`

var mediaTypes = []string{"image/png", "image/jpeg", "application/pdf", "text/plain"}

// Large writes BLOBs of up to 4 MB and texts of up to 512 KB to a new file at
// path: 2,700 rows in 500 MB at scale 1, nearly all of it overflow chains. A
// quarter of the BLOBs is text, which compresses; the others do not. An error
// leaves no file.
func Large(ctx context.Context, path string, size Size) (Stats, error) {
	size, err := size.normal()
	if err != nil {
		return Stats{}, err
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	g := &large{prose: newProse(size.Seed), files: scaled(largeFiles, size.Scale)}
	return w.finish(w.writeParts(largeTables, []part{
		{"files", "id name media_type content", largeFiles, 2 * maxFile, g.file},
		{"articles", "id file_id title body", largeArticles, 2 * maxArticle, g.article},
	}, size, ""))
}

type large struct {
	prose prose
	files int64
	buf   []byte
}

func (g *large) file(t *insert, d *dice, n int64) {
	media := d.pick(mediaTypes)
	length := d.length(minFile, maxFile)
	t.int(n + 1)
	g.buf = append(padded(append(g.buf[:0], "file-"...), n+1, 9), ".bin"...)
	t.text(g.buf)
	t.string(media)
	g.buf = g.buf[:0]
	if media == "text/plain" {
		for len(g.buf) < length {
			g.buf = append(g.buf, g.prose.cut(d.Int64(), 512, 1<<14)...)
		}
		t.blob(g.buf[:length])
		return
	}
	g.buf = d.noise(g.buf, length)
	t.blob(g.buf)
}

func (g *large) article(t *insert, d *dice, n int64) {
	length := d.length(minArticle, maxArticle)
	t.int(n + 1)
	t.int(d.between(1, g.files))
	t.text(g.prose.cut(d.Int64(), 20, 100))
	t.text(g.prose.cut(d.Int64(), length, length))
}

// length throws a number of bytes from lo to hi, powers of two: as many below
// a middle size as above it, each doubling as likely as any other.
func (d *dice) length(lo, hi int64) int {
	doublings := int64(bits.Len64(uint64(hi/lo))) - 1 //nolint:gosec // G115: sizes, greater than 0
	base := lo << d.Int64N(doublings)
	return int(base + d.Int64N(base))
}
