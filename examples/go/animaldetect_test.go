// SPDX-License-Identifier: MIT

package animaldetect_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	ad "animaldetect.com/go/animaldetect"
	"animaldetect.com/go/animaldetect/mock"
)

var jpeg = []byte("\xff\xd8\xff\xe0 no real image")

func Example() {
	service, _ := mock.New() // a program has animaldetect.FromEnv() in place of these two lines
	client, err := service.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	result, err := client.Detect(context.Background(), ad.Bytes(jpeg), ad.Country("USA"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(result.Detections) > 0)
	// Output: true
}

func clientOn(t *testing.T, options ...ad.Option) (*mock.Mock, *ad.Client) {
	t.Helper()
	service, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	client, err := service.Client(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return service, client
}

func newJob(t *testing.T, client *ad.Client, settings ...ad.Setting) *ad.Job {
	t.Helper()
	job, err := client.NewJob(ad.OperationDetect, append([]ad.Setting{ad.Bytes(jpeg)}, settings...)...)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestACancelBeforeTheCallIsNotLost(t *testing.T) {
	service, client := clientOn(t)
	job := newJob(t, client)
	if err := job.Cancel(); err != nil {
		t.Fatal(err)
	}
	if _, err := job.Run(context.Background()); !errors.Is(err, ad.ErrCanceled) || !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(service.Requests("any")) != 0 {
		t.Fatal("something was sent")
	}
	if _, err := job.Run(context.Background()); err != nil {
		t.Fatal(err) // a cancel counts once
	}
}

func TestAContextThatEndsLeavesNoCancelBehind(t *testing.T) {
	_, client := clientOn(t)
	for i := 0; i < 200; i++ {
		job := newJob(t, client, ad.ClientReferenceID(fmt.Sprint(i)))
		ctx, stop := context.WithCancel(context.Background())
		go stop()
		_, err := job.Run(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := job.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		job.Close()
	}
}

func TestAStormOfCancelsSendsNothing(t *testing.T) {
	service, client := clientOn(t, ad.WithMaxRequests(8))
	if err := client.SetPaused(ad.PauseAll); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for i := 0; i < 2000; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			if _, err := client.Detect(ctx, ad.Bytes(jpeg), ad.ClientReferenceID(fmt.Sprint(i))); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}(i)
	}
	for value, err := int64(0), error(nil); value < 2000; value, err = client.Statistic(ad.StatCallsInFlight) {
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	group.Wait()
	if err := client.SetPaused(ad.PauseNone); err != nil {
		t.Fatal(err)
	}
	if count := len(service.Requests("any")); count != 0 {
		t.Fatal(count, "requests")
	}
}

func TestRequestsWaitForPermits(t *testing.T) {
	service, client := clientOn(t)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(client.SetPermits(true))
	check(client.SetPermitLag(5 * time.Second))
	end := make(chan error, 1)
	go func() { _, err := client.Detect(context.Background(), ad.Bytes(jpeg)); end <- err }()
	for {
		wanted, err := client.PermitsWanted()
		check(err)
		if wanted == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if count := len(service.Requests("any")); count != 0 {
		t.Fatal(count, "requests without a permit")
	}
	check(client.GrantPermits(20, time.Minute))
	check(<-end)
	settled, outstanding, err := client.ReportPermits(100)
	check(err)
	if len(settled)+int(outstanding) != 20 || len(settled) < 4 {
		t.Fatal(settled, outstanding)
	}
	returned, err := client.ReturnPermits(100)
	check(err)
	count, _, err := client.TakeRateLimits()
	check(err)
	check(client.HoldRequests(30 * time.Second))
	if returned != outstanding || count != 0 || client.HoldReason() != ad.HoldRateLimit {
		t.Fatal(returned, count, client.HoldReason())
	}
}

// What *slog.Logger has.
type lines struct {
	mutex sync.Mutex
	all   []string
}

func (l *lines) add(level, message string, attrs []any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.all = append(l.all, level+" "+message+" "+fmt.Sprint(attrs...))
}
func (l *lines) Debug(message string, attrs ...any) { l.add("debug", message, attrs) }
func (l *lines) Info(message string, attrs ...any)  { l.add("info", message, attrs) }
func (l *lines) Warn(message string, attrs ...any)  { l.add("warn", message, attrs) }
func (l *lines) Error(message string, attrs ...any) { l.add("error", message, attrs) }

func TestALoggerGetsRecordsWithTheirLevel(t *testing.T) {
	told := &lines{}
	service, client := clientOn(t, ad.WithLogger(ad.LogDebug, told))
	if err := service.AddFault("create:503:n=1"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Detect(context.Background(), ad.Bytes(jpeg)); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(told.all, "\n")
	if !strings.Contains(all, "debug ") || !strings.Contains(all, "http_status") || strings.Contains(all, mock.APIKey) {
		t.Fatal(all)
	}
}

func TestAClientThatIsForgottenLeavesTheMockUsable(t *testing.T) {
	service, client := clientOn(t)
	other, err := service.Client()
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	if _, err := other.Detect(context.Background(), ad.Bytes(jpeg)); err != nil {
		t.Fatal(err)
	}
	other.Close()
}
