package fake

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
)

// archiveLink redirects to the archive of a commit. As on GitHub, the archive
// is outside the API, and a token in the address gives access to it.
func (g *GitHub) archiveLink(c call) answer {
	id, found := g.resolve(c.value("ref"))
	if !found {
		return notFound()
	}
	return answer{status: http.StatusFound, header: http.Header{"Location": {fmt.Sprintf("http://%s/codeload/%s?token=once", c.host, id)}}}
}

// codeload sends the archive of a commit.
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
