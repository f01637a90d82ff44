package report_test
import ("os";"testing";"fmt")
func TestTmp(t *testing.T) {
	os.MkdirAll("/tmp/mdview", 0o755)
	for name, p := range scenes(t) { os.WriteFile("/tmp/mdview/"+name+".md", []byte(p.Comment().String()), 0o644) }
	os.WriteFile("/tmp/mdview/many.md", []byte(many(t,100).Comment().String()), 0o644)
	os.WriteFile("/tmp/mdview/pr.md", []byte(applied(t).PullRequestBody()), 0o644)
	fmt.Println(len(many(t,600).Comment().Body))
}
