package fake

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
)

// archiveLink sends to where the archive of a commit is, as GitHub does: away
// from the API, with the permission in the address.
func (g *GitHub) archiveLink(c call) answer {
	id, held := g.resolve(c.value("ref"))
	if !held {
		return notFound()
	}
	return answer{status: http.StatusFound, header: http.Header{"Location": {fmt.Sprintf("http://%s/codeload/%s?token=once", c.host, id)}}}
}

// codeload is the archive of a commit.
func (g *GitHub) codeload(w http.ResponseWriter, r *http.Request) {
	files := g.Files(r.PathValue("id"))
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for name, text := range files {
		_ = archive.WriteHeader(&tar.Header{Name: "acme-billing-0000000/" + name, Typeflag: tar.TypeReg, Size: int64(len(text)), Mode: 0o644})
		_, _ = archive.Write([]byte(text))
	}
	_ = archive.Close()
	_ = zipped.Close()
	_, _ = w.Write(out.Bytes())
}
