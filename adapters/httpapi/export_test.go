package httpapi

// Codes returns the code of every refusal that there is a row for.
func Codes() []string {
	var codes []string
	for r := range refusals {
		codes = append(codes, string(r))
	}
	return codes
}

// Routes returns every route as "METHOD /path", "* /path" for any method.
func Routes() []string {
	var all []string
	for _, r := range new(server).routes() {
		method := r.method
		if method == "" {
			method = "*"
		}
		all = append(all, method+" "+r.path)
	}
	return all
}
