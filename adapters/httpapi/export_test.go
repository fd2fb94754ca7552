package httpapi

// Codes returns the code of every refusal that there is a row for.
func Codes() []string {
	var codes []string
	for r := range refusals {
		codes = append(codes, string(r))
	}
	return codes
}
