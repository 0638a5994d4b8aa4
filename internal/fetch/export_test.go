package fetch

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"os"
	"time"
)

// Hurried makes downloads through client (nil: the package's own), with pauses
// that only note their length.
func Hurried(opts Options, client *http.Client, pauses *[]time.Duration) Options {
	if client != nil {
		client.CheckRedirect = follow
	}
	opts.client = client
	opts.wait = func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	}
	return opts
}

// Keep keeps what r gives in f, and says what goes wrong.
func Keep(ctx context.Context, f *os.File, r io.Reader) error {
	t := &temp{source: &Source{file: f, name: "shop.tar"}, checked: true, hash: sha256.New()}
	return t.explain(ctx, t.fill(ctx, r, -1))
}

// Impatient waits for a silent server no longer than d.
func Impatient(opts Options, d time.Duration) Options {
	opts.silence = d
	return opts
}
