package logfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// header is the first line. A file that begins otherwise is somebody else's, or of another version of this package.
const header = "porteiro logfile 1\n"

// encode returns the line of a record: the checksum of the JSON, and the JSON.
func encode(r record) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text), nil
}

func decode(line []byte) (r record, err error) {
	sum, text, _ := bytes.Cut(line, []byte(" "))
	if string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) {
		return r, errors.New("its checksum does not hold")
	}
	return r, json.Unmarshal(text, &r)
}

// replay reads every record of a file. A last line without an end is what a crash left of a write that nobody was told
// of.
func replay(content []byte) (state, error) {
	st := emptyState()
	if len(content) == 0 {
		return st, nil
	}
	rest, ours := bytes.CutPrefix(content, []byte(header))
	if !ours {
		return st, fmt.Errorf("its first line is not %q", header)
	}
	for n := 2; ; n++ {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if !whole {
			return st, nil
		}
		r, err := decode(line)
		if err != nil {
			return st, fmt.Errorf("line %d: %w", n, err)
		}
		st.apply(r)
		rest = after
	}
}

// rewrite puts the state into the place of the file, at once or not at all, and returns it open for appending.
func rewrite(path string, st state) (*os.File, error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(header)
	err = st.records(func(r record) error {
		line, err := encode(r)
		b.Write(line)
		return err
	})
	if err == nil {
		_, err = f.Write(b.Bytes())
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// syncFolder puts the renaming on the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
