package pr

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
)

// graphQL sends one GraphQL request and decodes its data. What GitHub refuses
// there comes as a refusal with the error's type.
func (r *Repository) graphQL(ctx context.Context, query string, input, into any) error {
	body := map[string]any{"query": query}
	if input != nil {
		body["variables"] = map[string]any{"input": input}
	}
	request, err := r.api.NewRequest(http.MethodPost, r.options.GraphQLURL, body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Type, Message string }
	}
	if _, err := r.api.Do(ctx, request, &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		first := answer.Errors[0]
		return refusal{status: http.StatusOK, kind: first.Type, text: oneLine(first.Message)}
	}
	return json.Unmarshal(answer.Data, into)
}

const commitMutation = `mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`

type commitInput struct {
	Branch struct {
		Repository string `json:"repositoryNameWithOwner"`
		Name       string `json:"branchName"`
	} `json:"branch"`
	Message struct {
		Headline string `json:"headline"`
	} `json:"message"`
	Expected    string `json:"expectedHeadOid"`
	FileChanges struct {
		Additions []fileAddition `json:"additions"`
	} `json:"fileChanges"`
}

type fileAddition struct {
	Path     string `json:"path"`
	Contents string `json:"contents"`
}

// commitOnBranch puts one file in a commit on a branch, if that still has the
// expected head. GitHub signs it.
func (r *Repository) commitOnBranch(ctx context.Context, branch, expected, message, path string, data []byte) (string, error) {
	var in commitInput
	in.Branch.Repository, in.Branch.Name = r.options.Owner+"/"+r.options.Repo, branch
	in.Message.Headline, in.Expected = message, expected
	in.FileChanges.Additions = []fileAddition{{path, base64.StdEncoding.EncodeToString(data)}}
	var out struct {
		CreateCommitOnBranch *struct{ Commit struct{ OID string } }
	}
	if err := r.graphQL(ctx, commitMutation, in, &out); err != nil {
		return "", err
	}
	if out.CreateCommitOnBranch == nil || out.CreateCommitOnBranch.Commit.OID == "" {
		return "", errors.New("GitHub did not say which commit it made")
	}
	return out.CreateCommitOnBranch.Commit.OID, nil
}

const autoMergeMutation = `mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}`

func (r *Repository) enableAutoMerge(ctx context.Context, node, method string) error {
	input := map[string]string{"pullRequestId": node, "mergeMethod": method}
	return r.graphQL(ctx, autoMergeMutation, input, &struct{}{})
}

// login is who the token acts as. REST does not tell that to an app's token.
func (r *Repository) login(ctx context.Context) (string, error) {
	var out struct{ Viewer struct{ Login string } }
	err := r.graphQL(ctx, `query { viewer { login } }`, nil, &out)
	return out.Viewer.Login, err
}
