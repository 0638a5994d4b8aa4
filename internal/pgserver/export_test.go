package pgserver

import "context"

// WithPorts returns opts with ports chosen by pick.
func (opts Options) WithPorts(pick func() (int, error)) Options {
	opts.freePort = pick
	return opts
}

// Internals under test.
var (
	NewestDebian = newestDebian
	FreePort     = freePort
	CleanEnv     = cleanEnv
)

// Fetched returns the bin folder of what f gets.
func Fetched(ctx context.Context, f Fetcher, cache string) (string, error) {
	acct, err := serverAccount()
	if err != nil {
		return "", err
	}
	found, err := fetched(ctx, f, cache, acct)
	return found.bin, err
}
