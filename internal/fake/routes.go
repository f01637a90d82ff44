package fake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The kinds of requests.
const (
	KindRepository     Kind = "repository"
	KindGetRef         Kind = "get-ref"
	KindCreateRef      Kind = "create-ref"
	KindUpdateRef      Kind = "update-ref"
	KindDeleteRef      Kind = "delete-ref"
	KindContents       Kind = "contents"
	KindCompare        Kind = "compare"
	KindGetBlob        Kind = "get-blob"
	KindCreateBlob     Kind = "create-blob"
	KindGetTree        Kind = "get-tree"
	KindCreateTree     Kind = "create-tree"
	KindGetCommit      Kind = "get-commit"
	KindArchive        Kind = "archive"
	KindCreateCommit   Kind = "create-commit"
	KindCommitOnBranch Kind = "commit-on-branch"
	KindAutoMerge      Kind = "auto-merge"
	KindViewer         Kind = "viewer"
	KindListPulls      Kind = "list-pulls"
	KindGetPull        Kind = "get-pull"
	KindPullFiles      Kind = "pull-files"
	KindCreatePull     Kind = "create-pull"
	KindUpdatePull     Kind = "update-pull"
	KindReviewers      Kind = "reviewers"
	KindLabels         Kind = "labels"
	KindListComments   Kind = "list-comments"
	KindCreateComment  Kind = "create-comment"
	KindUpdateComment  Kind = "update-comment"
	KindDeleteComment  Kind = "delete-comment"
	KindRun            Kind = "run"
	KindUnknown        Kind = "unknown"
)

// route describes a kind of request: its path, the permission it needs, and its
// handler.
type route struct {
	pattern string // under /repos/{owner}/{repo}; empty for GraphQL
	area    Area
	level   Level
	handle  func(*GitHub, call) answer
}

var kinds = map[Kind]route{
	KindRepository:   {"GET ", Contents, None, (*GitHub).repository},
	KindGetRef:       {"GET /git/ref/heads/{branch...}", Contents, Read, (*GitHub).getRef},
	KindCreateRef:    {"POST /git/refs", Contents, Write, (*GitHub).createRef},
	KindUpdateRef:    {"PATCH /git/refs/heads/{branch...}", Contents, Write, (*GitHub).updateRef},
	KindDeleteRef:    {"DELETE /git/refs/heads/{branch...}", Contents, Write, (*GitHub).deleteRef},
	KindContents:     {"GET /contents/{path...}", Contents, Read, (*GitHub).contents},
	KindCompare:      {"GET /compare/{basehead...}", Contents, Read, (*GitHub).compare},
	KindGetBlob:      {"GET /git/blobs/{id}", Contents, Read, (*GitHub).getBlob},
	KindCreateBlob:   {"POST /git/blobs", Contents, Write, (*GitHub).createBlob},
	KindGetTree:      {"GET /git/trees/{id}", Contents, Read, (*GitHub).getTree},
	KindCreateTree:   {"POST /git/trees", Contents, Write, (*GitHub).createTree},
	KindGetCommit:    {"GET /git/commits/{id}", Contents, Read, (*GitHub).getCommit},
	KindArchive:      {"GET /tarball/{ref...}", Contents, Read, (*GitHub).archiveLink},
	KindCreateCommit: {"POST /git/commits", Contents, Write, (*GitHub).createCommit},

	KindCommitOnBranch: {"", Contents, Write, (*GitHub).commitOnBranch},
	KindAutoMerge:      {"", PullRequests, Write, (*GitHub).enableAutoMerge},
	KindViewer:         {"", Contents, None, (*GitHub).viewer},

	KindListPulls:  {"GET /pulls", PullRequests, Read, (*GitHub).listPulls},
	KindGetPull:    {"GET /pulls/{number}", PullRequests, Read, (*GitHub).getPull},
	KindPullFiles:  {"GET /pulls/{number}/files", PullRequests, Read, (*GitHub).pullFiles},
	KindCreatePull: {"POST /pulls", PullRequests, Write, (*GitHub).createPull},
	KindUpdatePull: {"PATCH /pulls/{number}", PullRequests, Write, (*GitHub).updatePull},
	KindReviewers:  {"POST /pulls/{number}/requested_reviewers", PullRequests, Write, (*GitHub).requestReviewers},

	KindLabels:        {"POST /issues/{number}/labels", Issues, Write, (*GitHub).addLabels},
	KindListComments:  {"GET /issues/{number}/comments", Issues, Read, (*GitHub).listComments},
	KindCreateComment: {"POST /issues/{number}/comments", Issues, Write, (*GitHub).createComment},
	KindUpdateComment: {"PATCH /issues/comments/{id}", Issues, Write, (*GitHub).updateComment},
	KindDeleteComment: {"DELETE /issues/comments/{id}", Issues, Write, (*GitHub).deleteComment},

	KindRun: {"GET /actions/runs/{id}", Actions, Read, (*GitHub).getRun},
}

// call is a parsed request.
type call struct {
	kind  Kind
	value func(name string) string // returns a wildcard of the path
	query url.Values
	body  []byte
	graph graphRequest
	raw   bool // the client wants the bytes of a blob, not JSON
	url   *url.URL
	host  string
}

// decode decodes the body, and ignores one that is not valid JSON.
func (c call) decode(into any) { _ = json.Unmarshal(c.body, into) }

func (g *GitHub) newRoutes() *http.ServeMux {
	m := http.NewServeMux()
	for kind, r := range kinds {
		if r.pattern == "" {
			continue
		}
		method, path, _ := strings.Cut(r.pattern, " ")
		m.HandleFunc(method+" /repos/{owner}/{repo}"+path, func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, kind) })
	}
	m.HandleFunc("GET /codeload/{id}", g.codeload)
	m.HandleFunc("POST /graphql", func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, KindUnknown) })
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, KindUnknown) })
	return m
}

// ServeHTTP answers one request.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.routes.ServeHTTP(w, r) }

func (g *GitHub) serve(w http.ResponseWriter, r *http.Request, kind Kind) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<20))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone, or the body is too large
	}
	c := call{kind: kind, value: r.PathValue, query: r.URL.Query(), body: body, raw: wantsRaw(r), url: r.URL, host: r.Host}
	if r.Method == http.MethodPost && r.URL.Path == "/graphql" {
		c.kind, c.graph = parseGraph(body)
	}
	g.faults.serve(w, r, Request{Kind: c.kind}, func(w http.ResponseWriter, r *http.Request) {
		g.handle(c, r.Header.Get("Authorization")).write(w)
	})
}

// handle checks authorization, path and permission, then serves the request.
func (g *GitHub) handle(c call, authorization string) answer {
	r, known := kinds[c.kind]
	switch {
	case authorization == "":
		return refusal(http.StatusUnauthorized, "Requires authentication")
	case !known, r.pattern != "" && c.value("owner")+"/"+c.value("repo") != g.fullName():
		return notFound()
	case !g.permitted(r):
		return g.inaccessible(c)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return r.handle(g, c)
}

// permitted reports whether the token may make a request. Any token may read a
// public repository. The issue side of a pull request, such as its comments,
// needs the permission for issues or the one for pull requests.
func (g *GitHub) permitted(r route) bool {
	switch {
	case r.level == Read && !g.options.Private && r.area != Actions:
		return true
	case r.area == Issues && g.allows(PullRequests, r.level):
		return true
	}
	return g.allows(r.area, r.level)
}
