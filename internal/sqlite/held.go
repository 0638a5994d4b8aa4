package sqlite

import (
	"io"
	"os"
	"sync"
)

// heldFile is the package's own descriptor of a database file. POSIX drops all
// locks that the process has on a file when any descriptor of it is closed, so
// descriptors of one file are closed together, after the last snapshot that
// uses the file has closed its connections.
type heldFile struct {
	f    *os.File
	info os.FileInfo
}

// held are the files that snapshots of this process have open.
var held struct {
	sync.Mutex
	groups []*heldGroup
}

// heldGroup is one file (one inode) with all descriptors opened for it.
type heldGroup struct {
	info  os.FileInfo
	files []*os.File
	users int
}

// hold opens the file for reading.
func hold(path string) (*heldFile, error) {
	held.Lock()
	defer held.Unlock()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		// Without the identity nobody can tell whose locks a close would drop.
		return nil, err
	}
	for _, g := range held.groups {
		if os.SameFile(g.info, info) {
			g.files = append(g.files, f)
			g.users++
			return &heldFile{f: f, info: info}, nil
		}
	}
	held.groups = append(held.groups, &heldGroup{info: info, files: []*os.File{f}, users: 1})
	return &heldFile{f: f, info: info}, nil
}

// ReadAt reads the file's bytes as they are now.
func (h *heldFile) ReadAt(p []byte, off int64) (int, error) { return h.f.ReadAt(p, off) }

var _ io.ReaderAt = (*heldFile)(nil)

// release gives the file up; its descriptor is closed when nobody else in the
// process holds the file.
func (h *heldFile) release() {
	held.Lock()
	defer held.Unlock()
	for i, g := range held.groups {
		if !os.SameFile(g.info, h.info) {
			continue
		}
		if g.users--; g.users > 0 {
			return
		}
		for _, f := range g.files {
			_ = f.Close() // opened for reading
		}
		held.groups = append(held.groups[:i], held.groups[i+1:]...)
		return
	}
}

// stamp is what tells that a file is unchanged without reading all of it.
type stamp struct {
	info   os.FileInfo
	header [headerSize]byte
}

func (h *heldFile) stamp() (stamp, error) {
	var s stamp
	info, err := h.f.Stat()
	if err != nil {
		return s, err
	}
	s.info = info
	_, err = h.f.ReadAt(s.header[:], 0)
	return s, err
}

// same tells whether nothing that a writer changes differs.
func (s stamp) same(t stamp) bool {
	return s.info.Size() == t.info.Size() && s.info.ModTime().Equal(t.info.ModTime()) && s.header == t.header
}
