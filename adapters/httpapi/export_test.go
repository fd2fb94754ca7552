package httpapi

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
