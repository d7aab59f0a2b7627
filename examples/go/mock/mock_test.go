// SPDX-License-Identifier: MIT

package mock_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	ad "animaldetect.com/go/animaldetect"
	"animaldetect.com/go/animaldetect/mock"
)

// ---- a program, as it could stand in a package of its own: counts the animals of some images ----

type report struct {
	animals    map[string]int
	later, bad []string // to be tried again, and for a person to look at
}

func importImages(ctx context.Context, client *ad.Client, images map[string][]byte) report {
	done := report{animals: map[string]int{}}
	var group sync.WaitGroup
	var mutex sync.Mutex
	for name, image := range images {
		group.Add(1)
		go func(name string, image []byte) {
			defer group.Done()
			result, err := client.Detect(ctx, ad.Bytes(image), ad.Filename(name))
			mutex.Lock()
			defer mutex.Unlock()
			var failed *ad.Error
			switch {
			case err == nil:
				for _, found := range result.Detections {
					done.animals[found.Label.Or("unknown")]++
				}
			case errors.As(err, &failed) && failed.Status.Retriable():
				done.later = append(done.later, name)
			default:
				done.bad = append(done.bad, name)
			}
		}(name, image)
	}
	group.Wait()
	return done
}

// ---- its tests ----

var images = map[string][]byte{
	"a.jpg": []byte("\xff\xd8\xff\xe0 the first"),
	"b.jpg": []byte("\xff\xd8\xff\xe0 the second"),
}

func service(t *testing.T, options ...ad.Option) (*mock.Mock, *ad.Client) {
	t.Helper()
	m, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	client, err := m.Client(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if said := m.Violations(); len(said) > 0 {
			t.Error(said)
		}
		client.Close()
	})
	return m, client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryImageIsCounted(t *testing.T) {
	m, client := service(t)
	done := importImages(context.Background(), client, images)
	if len(done.animals) == 0 || len(done.later)+len(done.bad) > 0 || len(m.Jobs()) != 2 {
		t.Fatal(done, m.Jobs())
	}
	if state := m.JobState(m.Jobs()[0]); state != "succeeded" {
		t.Fatal(state)
	}
}

func TestAnHourBehindAPortalOnlyDelays(t *testing.T) {
	m, client := service(t, ad.WithOfflinePatience(-1))
	must(t, m.AddFault("any:html:status=511:edge=1:end=3600000"))
	begin := m.Now()
	done := importImages(context.Background(), client, images)
	if len(done.later)+len(done.bad) > 0 || len(m.Jobs()) != 2 || m.Now()-begin < time.Hour {
		t.Fatal(done, m.Jobs(), m.Now()-begin)
	}
}

func TestALostAnswerBillsNothingTwice(t *testing.T) {
	m, client := service(t)
	must(t, m.AddFault("create:reset-after:n=1"))
	must(t, m.Fail("upload", 1, mock.FailureBroken))
	must(t, m.Delay("submit", 1, time.Minute))
	done := importImages(context.Background(), client, images)
	if len(done.later)+len(done.bad) > 0 || len(m.Jobs()) != 2 {
		t.Fatal(done, m.Jobs())
	}
}

func TestWhatTheServiceRefusesIsForAPerson(t *testing.T) {
	m, client := service(t)
	must(t, m.Answer("create", 1, 400, `{"error":{"code":"bad_image","message":"not an image"}}`, "X-Request-Id: r-1"))
	done := importImages(context.Background(), client, images)
	if len(done.bad) != 1 || len(done.later) > 0 {
		t.Fatal(done)
	}
	request := m.Requests("create")[0]
	if request.HTTPStatus != 400 || request.Method != "POST" || request.Header("Idempotency-Key") == "" ||
		!strings.Contains(request.Body, "filename") {
		t.Fatal(request)
	}
}

func TestARefusalHasWords(t *testing.T) {
	m, _ := service(t)
	err := m.AddFault("nonsense")
	if !errors.Is(err, ad.ErrInvalidArgument) || len(err.Error()) < len("nonsense") {
		t.Fatal(err)
	}
	if err := m.AddFault("create:503\x00"); !errors.Is(err, ad.ErrInvalidArgument) {
		t.Fatal(err)
	}
}
