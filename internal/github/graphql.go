package github

import (
	"context"
	"encoding/json"
	"net/http"
)

// graphQL sends a GraphQL request and decodes the data of the answer. An error
// in the answer becomes an *apiError with its type.
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
		return &apiError{status: http.StatusOK, kind: first.Type, text: oneLine(first.Message)}
	}
	return json.Unmarshal(answer.Data, into)
}

// login returns the name that the token acts as. REST does not tell it to an
// app's token.
func (r *Repository) login(ctx context.Context) (string, error) {
	var out struct{ Viewer struct{ Login string } }
	err := r.graphQL(ctx, `query { viewer { login } }`, nil, &out)
	return out.Viewer.Login, err
}
