module example.org/outside

go 1.26.8

require github.com/porteiro/porteiro v0.0.0

replace github.com/porteiro/porteiro => ../..
