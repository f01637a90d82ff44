# One static binary, CA certificates, and nothing else: no shell, no package
# manager. The runner decides user and folder, so neither is set here.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY internal ./internal
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /layer . && mkdir -m 1777 -p /root-of-image/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /root-of-image /
COPY --from=build /layer /layer
ENTRYPOINT ["/layer"]
