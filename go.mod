module github.com/layeron/rotate

go 1.26.8
