package main

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		flag string
		want domain.Limit
		back string
	}{
		{"10/1m", domain.Limit{Burst: 10, Every: 6 * time.Second}, "10/1m"},
		{"20/1h", domain.Limit{Burst: 20, Every: 3 * time.Minute}, "20/1h"},
		{"1/90s", domain.Limit{Burst: 1, Every: 90 * time.Second}, "1/1m30s"},
		{"1000/1s", domain.Limit{Burst: 1000, Every: time.Millisecond}, "1000/1s"},
		{"3/10s", domain.Limit{Burst: 3, Every: 3333333 * time.Microsecond}, "3/9.999999s"}, // what the stores keep
		{"off", application.Unlimited(), "off"},
	} {
		var l limit
		if err := l.Set(c.flag); err != nil || domain.Limit(l) != c.want || l.String() != c.back {
			t.Errorf("%s: got %+v, %s, %v; want %+v, %s", c.flag, l, &l, err, c.want, c.back)
		}
	}
	for _, flag := range []string{
		"", "10", "/", "10/", "/1m", "0/1m", "-1/1m", "10/0s", "10/-1m", "10/1", "1e3/1m", "10/1m/1m", " 10/1m", "Off", "0", "none",
		"99999999999999999999/1h", "1001/1s",
	} {
		l := limit{Burst: 7, Every: time.Hour}
		if err := l.Set(flag); err == nil || l.Burst != 7 {
			t.Errorf("%q: got %+v, %v; want an error and no change", flag, l, err)
		}
	}
}
