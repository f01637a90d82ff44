package fake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// graphRequest is a GraphQL request. The fake does not parse the query: it
// looks for the name of a mutation, and reads the arguments from the variable
// "input".
type graphRequest struct {
	Query     string
	Variables struct{ Input graphInput }
}

type graphInput struct {
	// For createCommitOnBranch.
	Branch struct {
		Repository string `json:"repositoryNameWithOwner"`
		Name       string `json:"branchName"`
	}
	Message         struct{ Headline, Body string }
	ExpectedHeadOID string `json:"expectedHeadOid"`
	FileChanges     struct {
		Additions []struct{ Path, Contents string }
		Deletions []struct{ Path string }
	}
	// For enablePullRequestAutoMerge.
	PullRequestID string `json:"pullRequestId"`
	MergeMethod   string
}

func parseGraph(body []byte) (Kind, graphRequest) {
	var in graphRequest
	if json.Unmarshal(body, &in) != nil {
		return KindUnknown, in
	}
	for name, kind := range map[string]Kind{
		"createCommitOnBranch": KindCommitOnBranch, "enablePullRequestAutoMerge": KindAutoMerge, "viewer": KindViewer,
	} {
		if strings.Contains(in.Query, name) {
			return kind, in
		}
	}
	return KindUnknown, in
}

type graphProblem struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

type graphJSON struct {
	Data   any            `json:"data"`
	Errors []graphProblem `json:"errors,omitempty"`
}

// graphRefusal returns an error as GraphQL reports it, with status 200.
func graphRefusal(kind, message string) answer {
	return ok(graphJSON{Errors: []graphProblem{{kind, message}}})
}

func (g *GitHub) viewer(call) answer {
	return ok(graphJSON{Data: map[string]any{"viewer": map[string]string{"login": g.options.Login}}})
}

func (g *GitHub) commitOnBranch(c call) answer {
	in := c.graph.Variables.Input
	branch, head := in.Branch.Name, g.refs[in.Branch.Name]
	switch {
	case in.Branch.Repository != g.fullName():
		return graphRefusal("NOT_FOUND", fmt.Sprintf("Could not resolve to a Repository with the name '%s'.", in.Branch.Repository))
	case head == "":
		return graphRefusal("NOT_FOUND", fmt.Sprintf("No ref found with the name '%s'.", branch))
	case g.protected(branch):
		return graphRefusal("UNPROCESSABLE", "Repository rule violations found\n\nChanges must be made through a pull request.\n\n")
	case in.ExpectedHeadOID != head:
		return graphRefusal("STALE_DATA", fmt.Sprintf("Expected branch to point to %q but it did not. Pull and try again.", in.ExpectedHeadOID))
	}
	t := maps.Clone(g.objects.treeOf(head))
	for _, d := range in.FileChanges.Deletions {
		delete(t, d.Path)
	}
	for _, a := range in.FileChanges.Additions {
		data, err := base64.StdEncoding.DecodeString(a.Contents)
		if err != nil {
			return graphRefusal("ARGUMENT_ERROR", "contents is not valid Base64")
		}
		t[a.Path] = leaf{"100644", g.objects.putBlob(data)}
	}
	message := in.Message.Headline
	if in.Message.Body != "" {
		message += "\n\n" + in.Message.Body
	}
	id := g.objects.putCommit(commit{g.objects.putTree(t), []string{head}, g.options.Login, g.now(), message})
	g.move(branch, id)
	return ok(graphJSON{Data: map[string]any{"createCommitOnBranch": map[string]any{"commit": map[string]string{"oid": id}}}})
}

func (g *GitHub) enableAutoMerge(c call) answer {
	in, o := c.graph.Variables.Input, g.options
	p := g.pullByNode(in.PullRequestID)
	forbidden := map[string]bool{"MERGE": o.ForbidMergeCommit, "SQUASH": o.ForbidSquash}[in.MergeMethod]
	switch {
	case p == nil:
		return graphRefusal("NOT_FOUND", fmt.Sprintf("Could not resolve to a node with the global id of '%s'", in.PullRequestID))
	case o.ForbidAutoMerge:
		return graphRefusal("UNPROCESSABLE", "Pull request Auto merge is not allowed for this repository")
	case forbidden:
		return graphRefusal("UNPROCESSABLE", "Merge method "+strings.ToLower(in.MergeMethod)+" merging is not allowed on this repository")
	case p.State != "open" || !o.Unready:
		return graphRefusal("UNPROCESSABLE", "Pull request Pull request is in clean status")
	}
	p.AutoMerge = in.MergeMethod
	return ok(graphJSON{Data: map[string]any{"enablePullRequestAutoMerge": map[string]any{"pullRequest": map[string]int{"number": p.Number}}}})
}

// RateLimited is PrimaryLimit as GraphQL reports it.
func RateLimited() Fault {
	body, _ := json.Marshal(graphJSON{Errors: []graphProblem{{"RATE_LIMITED", "API rate limit exceeded for installation ID 1."}}})
	return Fault{Skip: true, Status: http.StatusOK, Body: string(body)}
}
