// SPDX-License-Identifier: MIT

// What Go does to the handles of examples/go. Each promise has a line; go_test.py gives the services.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	ad "animaldetect.com/go/animaldetect"
)

var (
	deer  = filepath.Join(os.Getenv("IMAGES"), "deer.png")
	egret = filepath.Join(os.Getenv("IMAGES"), "egret.png")
	ctx   = context.Background()
	quick = ad.WithPollBounds(20*time.Millisecond, 40*time.Millisecond)
	slow  = ad.WithPollBounds(30*time.Second, 60*time.Second)
)

func check(right bool, format string, values ...any) {
	if !right {
		panic(fmt.Sprintf(format, values...))
	}
}

func must[T any](value T, err error) T {
	check(err == nil, "%v", err)
	return value
}

func none(err error) { check(err == nil, "%v", err) }

func failureOf(err error, status ad.Status) *ad.Error {
	var failed *ad.Error
	check(errors.As(err, &failed) && errors.Is(err, status), "%v is not %v", err, status)
	return failed
}

func until(condition func() bool, what string) {
	for start := time.Now(); !condition(); time.Sleep(time.Millisecond) {
		check(time.Since(start) < time.Minute, "%s: not after a minute", what)
	}
}

func client(options ...ad.Option) *ad.Client {
	return must(ad.FromEnv(options...))
}

// own makes the payload one of this promise; all use one service.
func own(name string) ad.Setting { return ad.ClientReferenceID(name) }

func job(c *ad.Client, name string, settings ...ad.Setting) *ad.Job {
	return must(c.NewJob(ad.OperationDetect, append([]ad.Setting{ad.File(deer), own(name)}, settings...)...))
}

// goRun runs a job elsewhere; the channel gives what it ended with.
func goRun(ctx context.Context, j *ad.Job) <-chan error {
	end := make(chan error, 1)
	go func() {
		_, err := j.Run(ctx)
		end <- err
	}()
	return end
}

func submitted(j *ad.Job) {
	until(func() bool { return j.Stage() >= ad.StageSubmitted }, "submitted")
}

func count(folder string) int { return len(must(os.ReadDir(folder))) }

// ---- handles ----

func aClosedHandleRefusesAndMayBeClosedAgain() {
	c := client()
	j := job(c, "closed")
	none(j.Close())
	none(j.Close())
	_, err := j.Run(ctx)
	check(failureOf(err, ad.ErrState).Message == "the job is closed", "%v", err)
	failureOf(j.Cancel(), ad.ErrState)
	check(j.State() == ad.StateNone && j.Info().Operation == "detect", "%v", j.Info())
	kept := job(c, "kept")
	none(c.Close())
	none(c.Close())
	_, err = kept.Run(ctx)
	check(failureOf(err, ad.ErrClientFreed).Message == "the client is closed", "%v", err)
	_, err = c.NewJob(ad.OperationDetect)
	failureOf(err, ad.ErrClientFreed)
	failureOf(c.Stop(), ad.ErrClientFreed)
	none(kept.Close())
}

func aClientClosedUnderGoroutinesEndsTheirCalls() {
	c := client(slow)
	jobs := []*ad.Job{job(c, "under 1"), job(c, "under 2")}
	ends := []<-chan error{goRun(ctx, jobs[0]), goRun(ctx, jobs[1])}
	submitted(jobs[0])
	submitted(jobs[1])
	none(c.Close())
	for i, end := range ends {
		err := <-end
		failureOf(err, ad.ErrCanceled)
		check(errors.Is(err, context.Canceled), "%v", err)
		check(jobs[i].ID() != "", "no id")
		none(jobs[i].Close())
	}
}

func aJobClosedByAnotherGoroutineEndsItsCallAsCanceled() {
	c := client(slow)
	defer c.Close()
	j := job(c, "closed elsewhere")
	end := goRun(ctx, j)
	submitted(j)
	none(j.Close())
	failureOf(<-end, ad.ErrCanceled)
}

func closingInTheMiddleOfEverythingHarmsNothing() {
	for round := 0; round < 20; round++ {
		c := client(quick)
		var group sync.WaitGroup
		for i := 0; i < 8; i++ {
			j := job(c, fmt.Sprint("middle ", i))
			group.Add(3)
			go func() { defer group.Done(); j.Run(ctx) }()
			go func() { defer group.Done(); j.Cancel(); j.Save(); j.Configure(ad.CallTimeout(time.Minute)) }()
			go func() { defer group.Done(); time.Sleep(time.Duration(round) * time.Millisecond); j.Close() }()
		}
		time.Sleep(time.Duration(round) * time.Millisecond)
		none(c.Close())
		group.Wait()
	}
}

func whatIsForgottenIsCollected() {
	before := count("/proc/self/fd")
	for i := 0; i < 3; i++ {
		c := client(quick)
		none(c.SetLog(ad.LogDebug, func(ad.Record) {})) // whose records name the job, and so the client
		must(job(c, "forgotten", ad.Filename(fmt.Sprint(i))).Run(ctx))
	}
	check(count("/proc/self/fd") > before, "a client has no descriptor")
	until(func() bool { runtime.GC(); return count("/proc/self/fd") <= before }, "the descriptors are closed")
}

func aClosedClientLeavesNoDescriptorAndNoGoroutine() {
	descriptors, goroutines := count("/proc/self/fd"), runtime.NumGoroutine()
	c := client(slow)
	must(job(c, "idle then closed", ad.CallTimeout(time.Minute)).Save())
	j := job(c, "in flight then closed")
	end := goRun(ctx, j)
	submitted(j)
	none(c.Close())
	<-end
	until(func() bool {
		return count("/proc/self/fd") <= descriptors && runtime.NumGoroutine() <= goroutines
	}, "all is gone")
}

func anIdleClientHasNoGoroutineAndDoesNothing() {
	goroutines := runtime.NumGoroutine()
	c := client(quick)
	defer c.Close()
	must(job(c, "idle").Run(ctx))
	until(func() bool { return runtime.NumGoroutine() <= goroutines }, "the goroutine has gone")
	iterations := must(c.Statistic(ad.StatIterations))
	for i := 0; i < 10; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	check(must(c.Statistic(ad.StatIterations)) == iterations, "%d iterations became more", iterations)
	must(job(c, "idle no more").Run(ctx))
}

func callsInFlightNeedNoThreadEach() {
	const many = 1000
	c := client(slow, ad.WithMaxRequests(8))
	before := count("/proc/self/task")
	var ends []<-chan error
	for i := 0; i < many; i++ {
		ends = append(ends, goRun(ctx, job(c, fmt.Sprint("thread ", i))))
	}
	until(func() bool { return must(c.Statistic(ad.StatCallsInFlight)) == many }, "all are in flight")
	threads := count("/proc/self/task")
	none(c.Close())
	for _, end := range ends {
		failureOf(<-end, ad.ErrCanceled)
	}
	fmt.Printf("# %d calls in flight: %d threads more\n", many, threads-before)
	check(threads-before < many/10, "%d threads became %d", before, threads)
}

// ---- calls ----

func aSecondCallOnAJobIsRefused() {
	c := client(slow)
	defer c.Close()
	j := job(c, "twice")
	end := goRun(ctx, j)
	submitted(j)
	_, err := j.Run(ctx)
	check(failureOf(err, ad.ErrBusy).Message == "a call is in flight on this job", "%v", err)
	failureOf(j.Configure(ad.Country("USA")), ad.ErrBusy)
	failureOf(j.Rerun(), ad.ErrBusy)
	none(j.Cancel())
	failed := failureOf(<-end, ad.ErrCanceled)
	check(failed.Stage == ad.StageSubmitted && failed.JobID == j.ID() && !strings.Contains(failed.Message, "in flight"),
		"%+v", failed)
}

func aContextThatHasEndedStartsNothing() {
	c := client(quick)
	defer c.Close()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := c.Detect(ended, ad.File(deer))
	check(errors.Is(err, context.Canceled) && errors.Is(err, ad.ErrCanceled), "%v", err)
	late, cancel := context.WithTimeout(ctx, -time.Second)
	defer cancel()
	_, err = c.Detect(late, ad.File(deer))
	check(errors.Is(err, context.DeadlineExceeded) && errors.Is(err, ad.ErrCallTimeout), "%v", err)
	check(must(c.Statistic(ad.StatRequestsCreate)) == 0, "something was sent")
}

func aContextThatEndsEndsItsCallAndTheJobRunsAgain() {
	c := client(ad.WithPollBounds(100*time.Millisecond, 200*time.Millisecond))
	defer c.Close()
	j := job(c, "context")
	canceled, cancel := context.WithCancel(ctx)
	end := goRun(canceled, j)
	until(func() bool { return j.Stage() >= ad.StageCreated }, "created")
	cancel()
	err := <-end
	failed := failureOf(err, ad.ErrCanceled)
	check(errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded), "%v", err)
	check(failed.Unwrap() == context.Canceled && failed.Stage >= ad.StageCreated, "%+v", failed)
	check(must(j.Run(ctx)).Detections[0].Label.Value == "red deer", "no deer")
}

func theLibraryKnowsTheDeadlineOfAContext() {
	c := client(quick, ad.WithBaseURL(os.Getenv("LIMITED_URL")))
	defer c.Close()
	soon, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	_, err := c.Detect(soon, ad.File(deer))
	failed := failureOf(err, ad.ErrCallTimeout)
	check(soon.Err() == nil && errors.Is(err, context.DeadlineExceeded), "%v", err)
	check(failed.RetryAfter.Value == time.Hour && failed.HTTPStatus == 429 && failed.Attempts == 1 &&
		failed.Step == ad.StepCreate && failed.RequestID != "", "%+v", failed)
}

func theDeadlineOfAContextEndsWithIt() {
	c := client(quick)
	defer c.Close()
	j := job(c, "deadline")
	soon, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	_, err := j.Run(soon)
	check(errors.Is(err, context.DeadlineExceeded), "%v", err)
	must(j.Run(ctx))
}

func aJobThatTheServiceFailedTellsWhy() {
	c := client(quick, ad.WithBaseURL(os.Getenv("FAILING_URL")))
	defer c.Close()
	_, err := c.Detect(ctx, ad.File(deer))
	failed := failureOf(err, ad.ErrJobFailed)
	check(failed.JobID != "" && failed.ServiceMessage != "" && failed.Unwrap() == nil, "%+v", failed)
}

func aRerunIsAnotherJobOfTheSameImage() {
	c := client(quick, ad.WithBaseURL(os.Getenv("FAILING_URL")))
	defer c.Close()
	j := job(c, "rerun", ad.IdempotencyKey("own"))
	failureOf(j.Rerun(), ad.ErrState) // no call was made yet
	_, err := j.Run(ctx)
	failureOf(err, ad.ErrJobFailed)
	first := j.Info()
	check(j.Stage() == ad.StageFinished && j.State() == ad.StateFailed && first.RerunNumber == 0, "%+v", first)
	none(j.Rerun())
	again := j.Info()
	check(j.Stage() == ad.StageNew && j.State() == ad.StateNone && again.ID == "" && again.RerunNumber == 1, "%+v", again)
	_, err = j.Run(ctx)
	check(failureOf(err, ad.ErrJobFailed).JobID != first.ID && j.ID() != "", "%v", err)
	check(j.Info().IdempotencyKey == first.IdempotencyKey+"-rerun-1", "%+v", j.Info())
	restored := must(c.Restore(must(j.Save())))
	none(restored.Rerun())
	check(restored.Info().RerunNumber == 2 && restored.Info().Path == deer, "%+v", restored.Info())
}

func aWaitAskedForByTheServiceIsAHold() {
	c := client(quick, ad.WithBaseURL(os.Getenv("LIMITED_URL")), ad.WithMaxRetryAfter(30*time.Minute))
	defer c.Close()
	check(c.HoldReason() == ad.HoldNone && !c.HeldUntil().Present, "%v", c.HeldUntil())
	_, err := job(c, "held", ad.CallTimeout(5*time.Second)).Run(ctx)
	failureOf(err, ad.ErrCallTimeout)
	left := time.Until(c.HeldUntil().Value)
	check(c.HoldReason() == ad.HoldRateLimit && left > 29*time.Minute && left < 31*time.Minute, "%v", left)
	none(c.Configure(ad.WithMaxRetryAfter(time.Minute)))
	none(c.Resume()) // that is no matter of the account
	left = time.Until(c.HeldUntil().Value)
	check(c.HoldReason() == ad.HoldRateLimit && left < 2*time.Minute, "%v", left)
	none(c.Close())
	check(c.HoldReason() == ad.HoldNone && !c.HeldUntil().Present, "%v", c.HeldUntil())
}

func aRefusedKeyHoldsCreatesUntilAnotherIsSet() {
	c := client(quick, ad.WithAPIKey("sk_test_wrong"))
	defer c.Close()
	_, err := job(c, "refused").Run(ctx)
	failureOf(err, ad.ErrUnauthorized)
	until := c.HeldUntil()
	check(c.HoldReason() == ad.HoldAccount && until.Present && until.Value.IsZero(), "%v", until)
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = job(c, "waits").Run(soon)
	check(errors.Is(err, context.DeadlineExceeded) && must(c.Statistic(ad.StatRequestsCreate)) == 1, "%v", err)
	end := goRun(ctx, job(c, "waits on"))
	none(c.Resume())
	failureOf(<-end, ad.ErrUnauthorized)
	end = goRun(ctx, job(c, "waits for a key"))
	none(c.SetAPIKey(os.Getenv("AD_API_KEY")))
	none(<-end)
	check(c.HoldReason() == ad.HoldNone && !c.HeldUntil().Present, "%v", c.HeldUntil())
}

func aRefusalKeepsItsOwnWordsInEveryGoroutine() {
	c := client()
	defer c.Close()
	var group sync.WaitGroup
	for word, setting := range map[string]ad.Setting{"threshold": ad.Threshold(7), "latitude": ad.Location(91, 0),
		"candidate": ad.TopCandidate(-1)} {
		word, setting := word, setting
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 200; i++ {
				_, err := c.NewJob(ad.OperationDetect, setting)
				check(strings.Contains(failureOf(err, ad.ErrInvalidArgument).Message, word), "%v", err)
			}
		}()
	}
	group.Wait()
}

// ---- callbacks ----

func logRecordsComeBeforeTheEndOfTheirCallAndMayCallTheClient() {
	var records []ad.Record
	var c *ad.Client
	c = client(quick, ad.WithLog(ad.LogInfo, func(record ad.Record) {
		records = append(records, record)
		none(must(c.NewJob(ad.OperationDetect)).Close())
	}))
	defer c.Close()
	for i := 1; i <= 20; i++ {
		j := job(c, fmt.Sprint("log ", i))
		must(j.Run(ctx))
		check(len(records) == i, "%d: %v", i, records)
		last := records[i-1]
		check(last.Level == ad.LogInfo && last.Text != "" && last.Job == j && last.JobID == j.ID() &&
			last.Duration.Value > 0, "%+v", last)
	}
	none(c.SetLog(ad.LogNone, nil))
	must(job(c, "silent").Run(ctx))
	check(len(records) == 20, "%v", records)
}

func logRecordsComeWhileNoCallCompletes() {
	var seen, late atomic.Int32
	note := func(count *atomic.Int32) func(ad.Record) {
		return func(record ad.Record) {
			if record.Step == ad.StepSubmit && record.HTTPStatus != 0 {
				count.Add(1)
			}
		}
	}
	c := client(slow, ad.WithLog(ad.LogDebug, note(&seen)))
	first := goRun(ctx, job(c, "log of the waiting"))
	until(func() bool { return seen.Load() == 1 }, "the log says that the job was submitted")
	none(c.SetLog(ad.LogDebug, note(&late)))
	second := goRun(ctx, job(c, "log set while waiting"))
	until(func() bool { return late.Load() == 1 }, "the function that was set later says so of the next one")
	none(c.Close())
	failureOf(<-first, ad.ErrCanceled)
	failureOf(<-second, ad.ErrCanceled)
}

func aLogRecordTellsStepAndResponseAndHasAttributes() {
	var mutex sync.Mutex
	steps := map[ad.Step]ad.Record{}
	var failed []ad.Record
	c := client(quick, ad.WithLog(ad.LogDebug, func(record ad.Record) {
		mutex.Lock()
		defer mutex.Unlock()
		if record.Level == ad.LogError {
			failed = append(failed, record)
		} else if record.HTTPStatus != 0 {
			steps[record.Step] = record
		}
	}))
	defer c.Close()
	j := job(c, "attributes")
	must(j.Run(ctx))
	mutex.Lock()
	fetched := steps[ad.StepFetch]
	mutex.Unlock()
	check(fetched.HTTPStatus == 200 && fetched.RequestID != "" && fetched.Duration.Present && fetched.JobID == j.ID(),
		"%+v", fetched)
	attributes := map[any]any{}
	for attrs := fetched.Attrs(); len(attrs) > 0; attrs = attrs[2:] {
		attributes[attrs[0]] = attrs[1]
	}
	check(reflect.DeepEqual(attributes, map[any]any{"job": j.ID(), "step": "fetch", "http_status": 200,
		"request_id": fetched.RequestID, "duration": fetched.Duration.Value}), "%v", attributes)
	check(ad.LogError.Severity() == 8 && ad.LogWarning.Severity() == 4 && ad.LogInfo.Severity() == 0 &&
		ad.LogDebug.Severity() == -4, "these are the numbers of log/slog")
	_, err := c.Detect(ctx, ad.File("no such file.jpg"))
	failureOf(err, ad.ErrFile)
	mutex.Lock()
	defer mutex.Unlock()
	check(len(failed) == 1 && failed[0].Step == ad.StepPrepare && strings.Contains(failed[0].Text, "no such file.jpg"),
		"%+v", failed)
}

func aClientMayBeClosedInItsLog() {
	var c *ad.Client
	c = client(quick, ad.WithLog(ad.LogInfo, func(ad.Record) { c.Close() }))
	descriptors := count("/proc/self/fd")
	_, err := job(c, "closed in log").Run(ctx)
	check(err == nil || errors.Is(err, ad.ErrClientFreed) || errors.Is(err, ad.ErrCanceled), "%v", err)
	_, err = c.NewJob(ad.OperationDetect)
	failureOf(err, ad.ErrClientFreed)
	until(func() bool { return count("/proc/self/fd") <= descriptors }, "its descriptors are closed")
}

type source struct {
	io.ReadSeeker
	read func()
}

func (s source) Read(buffer []byte) (int, error) {
	s.read()
	return s.ReadSeeker.Read(buffer)
}

type broken struct {
	io.ReadSeeker
	failure error
}

func (b broken) Read([]byte) (int, error) { return 0, b.failure }

func theFailureOfAReaderIsTheCauseOfTheError() {
	c := client(quick)
	defer c.Close()
	image := bytes.NewReader(must(os.ReadFile(deer)))
	pulled := errors.New("the card was pulled")
	_, err := c.Detect(ctx, ad.Reader(broken{image, pulled}))
	failureOf(err, ad.ErrReader)
	check(errors.Is(err, pulled), "%v", err)
	_, err = c.Detect(ctx, ad.Reader(source{image, func() { panic("in the reader") }}))
	check(strings.Contains(failureOf(err, ad.ErrReader).Unwrap().Error(), "in the reader"), "%v", err)
}

// cardError is a host's own failure, with a number of its own.
type cardError struct{ slot int }

func (e cardError) Error() string { return fmt.Sprint("the card in slot ", e.slot) }
func (cardError) Unwrap() error   { return ad.ErrHost - 7 }

func aReaderMayFailWithANumberOfItsOwn() {
	c := client(quick)
	defer c.Close()
	image := bytes.NewReader(must(os.ReadFile(deer)))
	_, err := c.Detect(ctx, ad.Reader(broken{image, cardError{3}}))
	failed := failureOf(err, ad.ErrHost-7)
	var card cardError
	check(errors.As(err, &card) && card.slot == 3, "%v", err)
	check(failed.Scope() == ad.ScopeCaller && failed.Status.Name() == "ANIMALDETECT_E_HOST" &&
		failed.Step == ad.StepPrepare, "%+v", failed)
}

func whatAJobReadFromIsLetGoWithIt() {
	c := client(quick)
	defer c.Close()
	var gone [3]atomic.Bool
	watched := func(number int) ad.Setting {
		image := &source{bytes.NewReader(must(os.ReadFile(deer))), func() {}}
		runtime.SetFinalizer(image, func(*source) { gone[number].Store(true) })
		return ad.Reader(image)
	}
	collected := func(number int) bool { runtime.GC(); return gone[number].Load() }
	saved := must(job(c, "let go").Save())
	j := must(c.Restore(saved)) // may be given its image again
	none(j.Configure(watched(0), watched(1)))
	until(func() bool { return collected(0) }, "the reader that was replaced")
	must(j.Run(ctx))
	check(!collected(1), "it is in use")
	none(j.Close())
	runtime.KeepAlive(j)
	j = nil
	until(func() bool { return collected(1) }, "the reader of a closed job")
	_, err := c.NewJob(ad.OperationDetect, ad.File(deer), watched(2))
	failureOf(err, ad.ErrState)
	until(func() bool { return collected(2) }, "the reader of no job")
}

func aReaderThatCallsItsClientIsRefused() {
	c := client(quick)
	defer c.Close()
	other := job(c, "other")
	var caught []error
	image := bytes.NewReader(must(os.ReadFile(egret)))
	must(c.Detect(ctx, own("calls back"), ad.Filename("egret.png"), ad.Reader(source{image, func() {
		_, refused := c.NewJob(ad.OperationDetect)
		_, started := other.Run(ctx)
		caught = append(caught, refused, started, c.Close(), other.Configure(ad.Country("USA")))
	}})))
	check(len(caught) >= 8, "%v", caught)
	for _, err := range caught {
		failureOf(err, ad.ErrReentrant)
	}
	must(other.Run(ctx))
}

func aJobClosedInAReaderIsFreed() {
	c := client(quick)
	defer c.Close()
	other := job(c, "closed in a reader")
	image := bytes.NewReader(must(os.ReadFile(egret)))
	must(c.Detect(ctx, own("closes"), ad.Filename("egret.png"), ad.Reader(source{image, func() { other.Close() }})))
	_, err := other.Run(ctx)
	failureOf(err, ad.ErrState)
}

func aReaderStartsWhereItStands() {
	c := client(quick)
	defer c.Close()
	image := bytes.NewReader(append([]byte("header"), must(os.ReadFile(deer))...))
	must(image.Seek(6, io.SeekStart))
	result := must(c.Detect(ctx, own("stands"), ad.Reader(image), ad.Filename("deer.png")))
	check(result.Detections[0].Label.Value == "red deer", "%v", result)
	replays := must(c.Statistic(ad.StatReplays))
	must(c.Detect(ctx, own("stands"), ad.Bytes(must(os.ReadFile(deer))), ad.Filename("deer.png")))
	check(must(c.Statistic(ad.StatReplays)) == replays+1, "the same bytes are another payload")
}

// ---- the whole client ----

func aClientThatIsStoppedEndsItsCallsAndBeginsNone() {
	c := client(slow)
	defer c.Close()
	j := job(c, "stopped", ad.Note("row 1"))
	end := goRun(ctx, j)
	submitted(j)
	none(c.Stop())
	failureOf(<-end, ad.ErrCanceled)
	_, err := j.Run(ctx)
	check(strings.Contains(failureOf(err, ad.ErrCanceled).Message, "stopped"), "%v", err)
	check(j.ID() != "" && len(must(j.Save())) > 0 && must(c.Statistic(ad.StatCallsInFlight)) == 0, "it can be read")
	none(c.Stop())
	other := client(quick)
	defer other.Close()
	restored := must(other.Restore(must(j.Save())))
	check(restored.Info().Note == "row 1", "%+v", restored.Info())
	must(restored.Run(ctx))
}

func aClientThatIsPausedBeginsNothingUntilItGoesOn() {
	c := client(quick)
	defer c.Close()
	none(c.SetPaused(ad.PauseAll))
	j := job(c, "paused")
	end := goRun(ctx, j)
	until(func() bool { return must(c.Statistic(ad.StatCallsInFlight)) == 1 }, "it is in flight")
	time.Sleep(50 * time.Millisecond)
	check(j.Stage() == ad.StageNew && must(c.Statistic(ad.StatRequestsCreate)) == 0, "something was sent")
	none(c.SetPaused(ad.PauseUploads))
	until(func() bool { return j.Stage() >= ad.StageCreated }, "created")
	time.Sleep(50 * time.Millisecond)
	check(must(c.Statistic(ad.StatRequestsUpload)) == 0, "it was uploaded")
	none(c.SetPaused(ad.PauseNone))
	none(<-end)
	failureOf(c.SetPaused(ad.Pause(99)), ad.ErrInvalidArgument)
	none(c.NetworkChanged())
	must(job(c, "another network").Run(ctx))
}

func moreCallsThanPermittedAreRefused() {
	c := client(slow, ad.WithMaxJobs(2))
	first, second, third := job(c, "queue 1"), job(c, "queue 2"), job(c, "queue 3")
	ends := []<-chan error{goRun(ctx, first), goRun(ctx, second)}
	submitted(first)
	submitted(second)
	_, err := third.Run(ctx)
	full := failureOf(err, ad.ErrQueueFull)
	check(full.Scope() == ad.ScopeCaller && errors.Is(err, ad.ScopeCaller), "%+v", full)
	none(first.Cancel())
	failureOf(<-ends[0], ad.ErrCanceled)
	none(third.Create(ctx))
	none(c.Close())
	<-ends[1]
}

func aClientIsConfiguredWhileItsJobsRun() {
	c := client(slow)
	defer c.Close()
	j := job(c, "configured")
	end := goRun(ctx, j)
	submitted(j)
	none(c.Configure(ad.WithMaxTries(2), ad.WithMaxRequests(2), ad.WithRateLimit(600, 10), ad.WithMaxJobs(10),
		ad.WithHeader("traceparent", "00-1"), ad.WithHeader("traceparent", ""), ad.WithStallTimeout(time.Minute), quick,
		ad.WithOfflinePatience(-time.Nanosecond), ad.WithProcessingTimeout(-time.Hour)))
	failureOf(c.Configure(ad.WithUserAgent("late/1")), ad.ErrState)
	failureOf(c.Configure(ad.WithHeader("Authorization", "no")), ad.ErrInvalidArgument)
	failureOf(c.Configure(ad.WithHeader("traceparent", "1\x00")), ad.ErrInvalidArgument)
	none(j.Configure(ad.Priority(-5), ad.Note("set in flight")))
	check(j.Info().Note == "set in flight" && j.Info().Priority == -5, "%+v", j.Info())
	none(j.Cancel())
	failureOf(<-end, ad.ErrCanceled)
	check(j.Info().Note == "set in flight" && j.Info().Priority == -5, "%+v", j.Info())
	must(j.Run(ctx))
}

// ---- values ----

func aFailureSaysWhoseMatterItIs() {
	for status, scope := range map[ad.Status]ad.Scope{ad.OK: ad.ScopeNone, ad.ErrQueueFull: ad.ScopeCaller,
		ad.ErrImageType: ad.ScopeImage, ad.ErrJobFailed: ad.ScopeJob, ad.ErrPaymentRequired: ad.ScopeAccount,
		ad.ErrTLS: ad.ScopeNetwork, ad.ErrService: ad.ScopeService, ad.Status(-999): ad.ScopeOther} {
		check(status.Scope() == scope, "%v: %v", status, status.Scope())
	}
	c := client()
	defer c.Close()
	_, err := c.Detect(ctx, ad.Bytes([]byte("neither JPEG nor PNG")))
	check(errors.Is(err, ad.ScopeImage) && !errors.Is(err, ad.ScopeCaller) && failureOf(err, ad.ErrImageType).Scope() ==
		ad.ScopeImage, "%v", err)
	check(ad.ScopeAccount.String() == "account" && ad.Scope(99).String() == "other", "%v", ad.ScopeAccount)
}

func whatAJobIsAboutCanBeRead() {
	c := client()
	defer c.Close()
	j := job(c, "getters", ad.Rerun(2), ad.Priority(7), ad.Note("row 9"))
	info := j.Info()
	check(info.Operation == "detect" && info.Path == deer && info.Filename == "deer.png" && info.RerunNumber == 2 &&
		info.ClientReferenceID == "getters" && info.Priority == 7 && info.Note == "row 9" &&
		info.SourceURL == "", "%+v", info)
	none(j.Configure(ad.Note("")))
	check(j.Info().Note == "", "%+v", j.Info())
	restored := must(c.Restore(must(job(c, "getters", ad.Note("kept"), ad.Priority(3)).Save())))
	check(restored.Info().Note == "kept" && restored.Info().Priority == 3, "%+v", restored.Info())
	public := must(c.NewJob(ad.OperationDetect, ad.SourceURL("https://example.com/a.jpg")))
	check(public.Info().SourceURL == "https://example.com/a.jpg" && public.Info().Path == "", "%+v", public.Info())
}

func theResultIsThereAsTheServiceSentIt() {
	c := client(quick)
	defer c.Close()
	j := job(c, "bytes of the result")
	_, err := j.ResultJSON()
	failureOf(err, ad.ErrState)
	result := must(j.Run(ctx))
	check(result.Kind == ad.ResultDetections && bytes.Equal(must(j.ResultJSON()), result.JSON), "%s", result.JSON)
}

func theLibraryTellsWhatItCanDo() {
	features := ad.Features()
	check(features["libcurl"] != "" && features["libsodium"] != "" && features["jansson"] != "" &&
		(features["reactor"] == "epoll" || features["reactor"] == "poll"), "%v", features)
}

func whatIsNoValueForCIsRefusedAndNotCut() {
	c := client()
	defer c.Close()
	for _, setting := range []ad.Setting{ad.File("a.jpg\x00.png"), ad.Country("USA\x00"), ad.Bytes(nil), ad.File(""),
		ad.CallTimeout(0), ad.ServiceOption("later\x00", 1), ad.Rerun(-1)} {
		_, err := c.NewJob(ad.OperationDetect, setting)
		failureOf(err, ad.ErrInvalidArgument)
	}
	_, err := c.NewJob(ad.OperationDetect, ad.ServiceOption("later", func() {}))
	check(err != nil, "a function is no JSON")
	_, err = ad.New(ad.WithConnectTimeout(-time.Nanosecond))
	failureOf(err, ad.ErrInvalidArgument)
	failureOf(c.Configure(ad.WithMaxRetryAfter(-1)), ad.ErrInvalidArgument)
	_, err = c.Restore([]byte("{}"))
	check(strings.Contains(failureOf(err, ad.ErrSavedJob).Message, "saved job"), "%v", err)
	_, err = c.Restore([]byte("{}\x00"))
	failureOf(err, ad.ErrInvalidArgument)
}

func everySettingReachesTheLibrary() {
	second := time.Second
	pem := []byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
	c := must(ad.New(ad.WithAPIKey("key"), ad.WithBaseURL("https://127.0.0.1/v1"),
		ad.WithTrustedOrigin("https://jobs.example.com"), ad.WithProxy(""), ad.WithUserAgent("test/1"),
		ad.WithChecksumField("sha256"), ad.WithConnectTimeout(second), ad.WithStallTimeout(second),
		ad.WithRequestTimeout(second), ad.WithOfflinePatience(0), ad.WithMaxRetryAfter(second),
		ad.WithProcessingTimeout(time.Hour), ad.WithMaxRequests(8), ad.WithRateLimit(300, 10), ad.WithMaxTries(3),
		ad.WithPollMode(ad.PollThroughput), ad.WithPollBounds(100*time.Millisecond, second), ad.WithInsecureHTTP(true),
		ad.WithMaxImageBytes(1000000), ad.WithMaxAnswerBytes(1000000), ad.WithCAFile("/dev/null"), ad.WithCAPEM(pem),
		ad.WithHeader("traceparent", "00-1"), ad.WithMaxJobs(5), ad.WithLog(ad.LogDebug, func(ad.Record) {})))
	defer c.Close()
	j := must(c.NewJob("later_operation", ad.SourceURL("https://example.com/a.jpg"), ad.Filename("a.jpg"),
		ad.ContentType("image/jpeg"), ad.SHA256(strings.Repeat("a", 64)), ad.ClientReferenceID("reference"),
		ad.IdempotencyKey("own-key"), ad.Rerun(1), ad.Priority(-1), ad.Note("row 1"),
		ad.CallTimeout(second), ad.Threshold(0.5), ad.Country("USA"),
		ad.Classify(true), ad.Metadata(false), ad.SmoothHerd(true), ad.TopCandidate(3), ad.Location(1, 2),
		ad.ServiceOption("later", map[string]any{"deep": []int{1}})))
	kept := string(must(j.Save()))
	for _, word := range []string{"later_operation", "https://example.com/a.jpg", "a.jpg", "image/jpeg", "aaaa",
		"reference", "own-key", "0.5", "USA", "classify", "metadata", "smooth", "candidate", "latitude", "deep",
		"row 1"} {
		check(strings.Contains(kept, word), "%s is not in %s", word, kept)
	}
	none(c.SetAPIKey("another"))
	failureOf(c.SetAPIKey("with a blank"), ad.ErrInvalidArgument)
}

func aValueOfANewerLibraryIsOtherAndNoError() {
	check(ad.Status(-999).Name() == "ANIMALDETECT_E_UNKNOWN" && !ad.Status(-999).Retriable(), "-999")
	check(ad.Statistic(999).String() == "other" && !ad.Statistic(999).IsGauge(), "999")
	check(ad.State(99).String() == "other" && ad.Stage(99).String() == "other" && ad.Step(99).String() == "other", "99")
}

func everyStatisticCanBeRead() {
	c := client(quick)
	defer c.Close()
	check(!must(c.Latency(ad.StepNone, 0.5)).Present, "measured too early")
	must(job(c, "statistics").Run(ctx))
	for which := ad.StatRequestsCreate; which <= ad.StatClockOffsetMs; which++ {
		must(c.Statistic(which))
	}
	check(must(c.Statistic(ad.StatRequestsCreate)) == 1 && must(c.Statistic(ad.StatJobsSucceeded)) == 1, "counters")
	_, err := c.Statistic(ad.StatClockOffsetMs + 1)
	check(failureOf(err, ad.ErrInvalidArgument) != nil, "%v", err)
	check(must(c.Latency(ad.StepNone, 0.5)).Value > 0, "nothing measured")
	all := must(c.Statistics())
	check(len(all) > int(ad.StatIterations) && all[0].Name == "requests_create" && all[0].Value == 1 && !all[0].Gauge,
		"%v", all)
	for which, one := range all {
		check(int(one.Which) == which && one.Name == one.Which.String() && one.Gauge == one.Which.IsGauge(), "%v", one)
	}
	check(ad.StatHoldMs.IsGauge() && !ad.StatRetries.IsGauge(), "gauges")
}

func aResultReadsAsTheServiceWroteIt() {
	raw := []byte(`{"id":"r","annotations":[{"id":0,"bbox":[0.1,0.2,0.3,0.4],"score":0.5,"label":"canine family",` +
		`"taxonomy":{"id":"t","class":"mammalia","genus":""},"top_candidates":[{"label":"red fox","score":0.18,` +
		`"taxonomy":{"species":"vulpes"}}],"new":1},{}],"metadata":{"image_width":7,"gps":[1]},` +
		`"info":{"threshold_applied":0.2,"model_id":"m"}}`)
	result := must(ad.ParseResult(raw))
	check(bytes.Equal(result.JSON, raw) && result.ImageWidth.Value == 7 && !result.ImageHeight.Present &&
		result.Threshold.Value == 0.2 && result.ModelID.Value == "m" && bytes.Contains(result.Metadata, []byte("gps")),
		"%+v", result)
	first, second := result.Detections[0], result.Detections[1]
	check(first.ID.Present && first.Box.Value == ad.Box{XMin: 0.1, YMin: 0.2, Width: 0.3, Height: 0.4}, "%+v", first)
	check(first.Taxonomy[ad.RankClass].Value == "mammalia" && first.Taxonomy[ad.RankGenus].Present &&
		!first.Taxonomy[ad.RankFamily].Present, "%+v", first)
	check(first.Candidates[0].Taxonomy[ad.RankSpecies].Value == "vulpes", "%+v", first)
	check(reflect.DeepEqual(second, ad.Detection{}), "%+v", second)
	_, err := ad.ParseResult([]byte("["))
	failureOf(err, ad.ErrProtocol)
	_, err = ad.ParseResult(nil)
	check(err != nil, "nothing is a result")
}

func main() {
	failed := 0
	for _, promise := range []func(){aClosedHandleRefusesAndMayBeClosedAgain, aClientClosedUnderGoroutinesEndsTheirCalls,
		aJobClosedByAnotherGoroutineEndsItsCallAsCanceled, closingInTheMiddleOfEverythingHarmsNothing,
		whatIsForgottenIsCollected, aClosedClientLeavesNoDescriptorAndNoGoroutine,
		anIdleClientHasNoGoroutineAndDoesNothing, callsInFlightNeedNoThreadEach, aSecondCallOnAJobIsRefused,
		aContextThatHasEndedStartsNothing, aContextThatEndsEndsItsCallAndTheJobRunsAgain,
		theLibraryKnowsTheDeadlineOfAContext, theDeadlineOfAContextEndsWithIt, aJobThatTheServiceFailedTellsWhy,
		aRerunIsAnotherJobOfTheSameImage, aWaitAskedForByTheServiceIsAHold, aRefusedKeyHoldsCreatesUntilAnotherIsSet,
		aRefusalKeepsItsOwnWordsInEveryGoroutine, logRecordsComeBeforeTheEndOfTheirCallAndMayCallTheClient,
		logRecordsComeWhileNoCallCompletes, aLogRecordTellsStepAndResponseAndHasAttributes, aReaderMayFailWithANumberOfItsOwn, whatAJobReadFromIsLetGoWithIt,
		aClientThatIsStoppedEndsItsCallsAndBeginsNone, aClientThatIsPausedBeginsNothingUntilItGoesOn,
		moreCallsThanPermittedAreRefused, aClientIsConfiguredWhileItsJobsRun, aFailureSaysWhoseMatterItIs,
		whatAJobIsAboutCanBeRead, theResultIsThereAsTheServiceSentIt, theLibraryTellsWhatItCanDo,
		aClientMayBeClosedInItsLog, theFailureOfAReaderIsTheCauseOfTheError, aReaderThatCallsItsClientIsRefused,
		aJobClosedInAReaderIsFreed, aReaderStartsWhereItStands, whatIsNoValueForCIsRefusedAndNotCut,
		everySettingReachesTheLibrary, aValueOfANewerLibraryIsOtherAndNoError, everyStatisticCanBeRead,
		aResultReadsAsTheServiceWroteIt} {
		if !holds(promise) {
			failed = 1
		}
	}
	os.Exit(failed)
}

// inWords is a_name_like_this of main.aNameLikeThis.
func inWords(name string) (words string) {
	for _, letter := range name[strings.LastIndexByte(name, '.')+1:] {
		if unicode.IsUpper(letter) {
			words += "_"
		}
		words += string(unicode.ToLower(letter))
	}
	return words
}

func holds(promise func()) (ok bool) {
	name := inWords(runtime.FuncForPC(reflect.ValueOf(promise).Pointer()).Name())
	defer func() {
		if caught := recover(); caught != nil {
			fmt.Printf("not ok %s\n    %v\n", name, caught)
		}
	}()
	promise()
	fmt.Printf("ok %s\n", name)
	return true
}
