package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// stack joins parts with a blank line between them. Each part may use an equal
// share of the bytes that earlier parts left, so that a long part leaves room
// for the others.
func stack(limit int, parts ...func(limit int) string) string {
	var blocks []string
	for i, part := range parts {
		block := part(limit / (len(parts) - i))
		if block == "" {
			continue
		}
		blocks = append(blocks, block)
		limit -= len(block) + len("\n\n")
	}
	return strings.Join(blocks, "\n\n")
}

// tableHead returns the title row of a table and the line below it.
func tableHead(titles ...string) string {
	return tableRow(titles...) + "|" + strings.Repeat("---|", len(titles)) + "\n"
}

// instants pads the title of a column of instants to their width. Otherwise
// GitHub breaks instants at their hyphens.
func instants(title string) string {
	const nbsp = "&nbsp;"
	return strings.ReplaceAll(title, " ", nbsp) + strings.Repeat(nbsp, max(0, 24-len(title)))
}

// tableRow returns a row of cells that are already escaped.
func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// rows joins rows up to a limit. If it leaves some out, it appends more, which
// has a %s for how many there are of a noun.
func rows(list []string, limit int, noun, more string) string {
	var out strings.Builder
	room := limit - len(more) - len(secret.Count(len(list), noun))
	for i, row := range list {
		if out.Len()+len(row) > room {
			return out.String() + fmt.Sprintf(more, secret.Count(len(list)-i, noun))
		}
		out.WriteString(row)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// details returns a section that readers can fold.
func details(title, content string, open bool) string {
	attribute := ""
	if open {
		attribute = " open"
	}
	return "<details" + attribute + "><summary>" + title + "</summary>\n\n" + content + "\n\n</details>"
}

// alert returns a box with a list, in the colour that GitHub gives to its kind.
// Without items there is no box.
func alert(kind, lead string, items []string) func(limit int) string {
	if len(items) == 0 {
		return func(int) string { return "" }
	}
	head := "> [!" + kind + "]\n> **" + lead + "**\n>\n"
	var lines []string
	for _, item := range items {
		lines = append(lines, "> - "+strings.ReplaceAll(item, "\n", "<br>")+"\n")
	}
	return func(limit int) string { return head + rows(lines, limit-len(head), "more item", "> - and %s\n") }
}
