package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// recoverCopy copies the database file with its journal and log into a new
// folder and lets SQLite recover it there. It gives the folder and the copy's
// path. The source is only read; a writer that changes it meanwhile is found by
// comparing, and is an error.
func recoverCopy(ctx context.Context, path string, o Options) (dir, copied string, err error) {
	dir, err = os.MkdirTemp(o.TempDir, "litehaul-recover-")
	if err != nil {
		return "", "", fmt.Errorf("make a folder for the recovered copy: %w", err)
	}
	copied = filepath.Join(dir, filepath.Base(path))
	if err = copyAll(ctx, path, copied); err == nil {
		err = recoverFile(ctx, copied)
	}
	if err != nil {
		return "", "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, copied, nil
}

// copyAll copies the main file and its side files and makes sure that none of
// them changed meanwhile.
func copyAll(ctx context.Context, path, copied string) error {
	main, err := hold(path)
	if err != nil {
		return &OpenError{Path: path, Kind: ErrUnreadable, Cause: err}
	}
	defer main.release()
	sides := []string{"-journal", "-wal"}
	before := sideInfo(path, sides)
	if err := copyOut(ctx, io.NewSectionReader(main, 0, main.info.Size()), copied); err != nil {
		return err
	}
	for _, side := range sides {
		f, err := os.Open(path + side)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return &OpenError{Path: path + side, Kind: ErrUnreadable, Cause: err}
		}
		err = copyOut(ctx, f, copied+side)
		_ = f.Close() // opened for reading; SQLite takes no locks on side files but the -shm
		if err != nil {
			return err
		}
	}
	now, err := main.f.Stat()
	if err != nil || now.Size() != main.info.Size() || !now.ModTime().Equal(main.info.ModTime()) ||
		before != sideInfo(path, sides) {
		return &OpenError{Path: path, Kind: ErrChanged, Cause: err}
	}
	return nil
}

// sideInfo describes the side files in a way that can be compared.
func sideInfo(path string, sides []string) (s [2]string) {
	for i, side := range sides {
		if info, err := os.Stat(path + side); err == nil {
			s[i] = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
		}
	}
	return s
}

// copyOut writes a new file that only its owner may read.
func copyOut(ctx context.Context, from io.Reader, path string) (err error) {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy for recovery: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err := io.Copy(to, &ctxReader{ctx: ctx, r: from}); err != nil {
		return fmt.Errorf("copy for recovery: %w", err)
	}
	return nil
}

// ctxReader ends a copy with its ctx.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // io.Copy offers no other way
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

// recoverFile opens the copy for writing. The first read rolls a hot journal
// back; leaving WAL mode brings the log into the main file. A copy that is
// damaged beyond that goes on as it is: its reader will say what is wrong.
func recoverFile(ctx context.Context, path string) error {
	c, err := openConn(path, connOptions{fileSize: sizeOf(path), write: true})
	if err != nil {
		return err
	}
	defer c.close()
	defer c.watch(ctx)()
	if err := c.begin(); err == nil {
		_ = c.exec("COMMIT")                     // of a read transaction
		_ = c.exec("PRAGMA journal_mode=DELETE") // stays in WAL mode otherwise, which can be read too
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
