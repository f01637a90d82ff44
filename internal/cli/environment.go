package cli

// The environment variables that layer reads. Credentials come from here and
// from nowhere else.
const (
	envRootKey = "LAYER_ROOT_KEY"
	envClock   = "LAYER_CLOCK" // for tests

	envToken   = "CLOUDFLARE_API_TOKEN"
	envAccount = "CLOUDFLARE_ACCOUNT_ID"
	envStore   = "CLOUDFLARE_STORE_ID"
	envBaseURL = "CLOUDFLARE_BASE_URL" // for tests
)
