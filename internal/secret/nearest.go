package secret

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the word that a misspelt one was probably meant to be: the
// one with the smallest edit distance, and false when none is close.
func Nearest[T ~string](word T, words []T) (T, bool) {
	var best T
	if utf8.RuneCountInString(string(word)) > 2*MaxNameLength {
		return best, false
	}
	distance := len(word)/3 + 2
	for _, w := range words {
		if d := editDistance(strings.ToLower(string(word)), strings.ToLower(string(w))); d < distance {
			best, distance = w, d
		}
	}
	return best, best != ""
}

// editDistance returns how many bytes to insert, delete or replace to turn a
// into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
