// Package atomicfile writes files atomically, and reads them, in a folder that
// other people write to as well, such as a checkout.
//
// A reader finds either the old content or the new one, and so does a crash at
// any time. Symbolic links are not followed, because anyone can commit one that
// leads out of the repository; the error names the link.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write replaces the content of a file, or fails and changes nothing. Only if
// the folder cannot be flushed is the new content there in spite of the error;
// a crash may then bring the old one back.
//
// Write removes the temporary file of a write that crashed, so only one write
// of a file may run at a time.
func Write(root *os.Root, name string, data []byte, mode fs.FileMode) (err error) {
	if err := CheckLinks(root, name); err != nil {
		return err
	}
	folder, base := filepath.Split(name)
	unique := rand.Text()
	temporary := folder + "." + base + "." + unique + ".new"
	removeLeft(root, folder+"."+base+"."+strings.Repeat("?", len(unique))+".new")
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Remove(temporary)
		}
	}()
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := root.Rename(temporary, name); err != nil {
		return err
	}
	return syncFolder(root, filepath.Dir(name))
}

func removeLeft(root *os.Root, pattern string) {
	left, _ := fs.Glob(root.FS(), filepath.ToSlash(pattern)) // a file that stays does no harm
	for _, name := range left {
		_ = root.Remove(name)
	}
}

// syncFolder flushes a folder, so that a rename in it survives a crash.
func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Read returns the content of a file.
func Read(root *os.Root, name string) ([]byte, error) {
	if err := CheckLinks(root, name); err != nil {
		return nil, err
	}
	return root.ReadFile(name)
}

// CheckLinks returns an error if a file or a folder above it is a symbolic
// link. The error names the link.
func CheckLinks(root *os.Root, name string) error {
	for part := filepath.Clean(name); filepath.IsLocal(part) && part != "."; part = filepath.Dir(part) {
		if info, err := root.Lstat(part); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a symbolic link, and layer does not follow it\nreplace it with a file or folder", filepath.Join(root.Name(), part))
		}
	}
	return nil
}
