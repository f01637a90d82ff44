package github

import (
	"errors"
	"regexp"
)

// idPattern is the id of a commit or tree. A receipt holds ids, and one of
// another form could never be read again.
var idPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)

// errAnswer is the error of an answer that is not what was asked for.
var errAnswer = errors.New("GitHub's answer is incomplete, or holds an id that is not a commit's")

func areIDs(ids ...string) bool {
	for _, id := range ids {
		if !idPattern.MatchString(id) {
			return false
		}
	}
	return true
}

// checked returns the id in an answer, or the error of a request that needed a
// permission.
func checked(id, doing, permission string, err error) (string, error) {
	if err == nil && !areIDs(id) {
		err = errAnswer
	}
	if err != nil {
		return "", fail(doing, permission, err)
	}
	return id, nil
}
