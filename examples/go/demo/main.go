// SPDX-License-Identifier: MIT

// Everything that the package does, against the emulator or the service; it judges its own results.
//
//	AD_API_KEY=... AD_API_BASE_URL=... go run ./demo [FOLDER]
//
// FOLDER holds images (default: ../images), and may hold answers.json with what is to be seen in them. Prints a line per
// part and one with the number of jobs that the service should have counted. The exit code is 0 when all is well.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	ad "animaldetect.com/go/animaldetect"
)

const many = 500

// The argument that makes the program its own victim, see crash.
const crashWord = "--crash"

type annotation struct {
	Label string
	Score float64
	Box   [4]float64 `json:"bbox"`
}

type demo struct {
	images  []string
	answers struct {
		Images map[string]struct {
			Like struct{ Annotations []annotation } `json:"animal_detect_like"`
		}
	}
	mutex sync.Mutex
	jobs  map[string]bool
}

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

func client(options ...ad.Option) *ad.Client {
	quick := []ad.Option{ad.WithPollMode(ad.PollLatency), ad.WithPollBounds(20*time.Millisecond, 200*time.Millisecond)}
	return must(ad.FromEnv(append(quick, options...)...))
}

func (d *demo) remember(job *ad.Job) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.jobs[job.ID()] = true
}

// expect: what was seen is what the answers say, when there are answers.
func (d *demo) expect(image string, result *ad.Result) {
	wanted, known := d.answers.Images[filepath.Base(image)]
	if !known {
		return
	}
	var seen []annotation
	for _, found := range result.Detections {
		box := found.Box.Value
		seen = append(seen, annotation{found.Label.Value, found.Score.Value, [4]float64{box.XMin, box.YMin, box.Width, box.Height}})
	}
	check(len(seen) == len(wanted.Like.Annotations), "%s: %v", image, seen)
	for i := range seen {
		check(seen[i] == wanted.Like.Annotations[i], "%s: %v is not %v", image, seen[i], wanted.Like.Annotations[i])
	}
}

// run takes a job to its end and counts it.
func (d *demo) run(ctx context.Context, job *ad.Job, image string) {
	defer job.Close()
	d.expect(image, must(job.Run(ctx)))
	d.remember(job)
}

func (d *demo) oneImage(ctx context.Context) string {
	var lines []string
	c := client(ad.WithLog(ad.LogInfo, func(record ad.Record) { lines = append(lines, record.Text) }))
	defer c.Close()
	job := must(c.NewJob(ad.OperationDetect, ad.File(d.images[0]), ad.Metadata(true)))
	defer job.Close()
	result := must(job.Run(ctx))
	d.expect(d.images[0], result)
	d.remember(job)
	check(job.State() == ad.StateSucceeded && job.Stage() == ad.StageFetched, "%v, %v", job.State(), job.Stage())
	check(reflect.DeepEqual(must(ad.ParseResult(result.JSON)), result), "the kept JSON reads differently")
	check(strings.Contains(strings.Join(lines, "\n"), "call succeeded"), "%v", lines)
	return fmt.Sprintf("%s: %v %v", filepath.Base(d.images[0]), result.Detections[0].Label, result.Detections[0].Score)
}

func (d *demo) manyAtOnce(ctx context.Context) string {
	c := client(ad.WithMaxRequests(16))
	defer c.Close()
	image := must(os.ReadFile(d.images[0]))
	var group sync.WaitGroup
	for number := 0; number < many; number++ {
		source := []ad.Setting{ad.File(d.images[0]), ad.Bytes(image), ad.Reader(bytes.NewReader(image))}[number%3]
		id := ad.ClientReferenceID(fmt.Sprint("many ", number))
		group.Add(1)
		go func() {
			defer group.Done()
			job := must(c.NewJob(ad.OperationDetect, source, ad.Filename(filepath.Base(d.images[0])), id))
			d.run(ctx, job, d.images[0])
		}()
	}
	group.Wait()
	check(must(c.Statistic(ad.StatCallsInFlight)) == 0, "calls are left")
	middle := must(c.Latency(ad.StepNone, 0.5))
	return fmt.Sprintf("%d jobs in %d goroutines; the middle one took %v", many, many, middle)
}

func (d *demo) filter(ctx context.Context) string {
	c := client()
	defer c.Close()
	job := must(c.NewJob(ad.OperationFilter, ad.File(d.images[0]), ad.Threshold(0.1)))
	defer job.Close()
	categories := map[string]bool{}
	for _, found := range must(job.Run(ctx)).Detections {
		categories[found.Category.Value] = true
	}
	d.remember(job)
	var names []string
	for name := range categories {
		check(name == "animal" || name == "human" || name == "vehicle", "%q", name)
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func (d *demo) errors(ctx context.Context) string {
	stranger := must(ad.New(ad.WithAPIKey("sk_test_wrong"), ad.WithBaseURL(os.Getenv("AD_API_BASE_URL"))))
	defer stranger.Close()
	_, err := stranger.Detect(ctx, ad.File(d.images[0]))
	refused := failureOf(err, ad.ErrUnauthorized)
	check(refused.HTTPStatus == 401 && refused.Step == ad.StepCreate && refused.Stage == ad.StageNew &&
		refused.ServiceMessage != "" && !refused.Status.Retriable(), "%+v", refused)
	check(stranger.HoldReason() == ad.HoldAccount && stranger.HeldUntil().Value.IsZero(), "%v", stranger.HeldUntil())
	none(stranger.Resume()) // or SetAPIKey: jobs may be created again
	check(stranger.HoldReason() == ad.HoldNone && !stranger.HeldUntil().Present, "%v", stranger.HeldUntil())
	c := client()
	defer c.Close()
	_, err = c.Detect(ctx, ad.File("no such file.jpg"))
	check(strings.Contains(failureOf(err, ad.ErrFile).Message, "no such file.jpg"), "%v", err)
	_, err = c.Detect(ctx, ad.Bytes([]byte("neither JPEG nor PNG")))
	failureOf(err, ad.ErrImageType)
	_, err = c.Detect(ctx, ad.File(d.images[0]), ad.Threshold(7))
	check(strings.Contains(failureOf(err, ad.ErrInvalidArgument).Message, "threshold"), "%v", err)
	return refused.Error()
}

func (d *demo) cancel(ctx context.Context) string {
	c := client()
	defer c.Close()
	job := must(c.NewJob(ad.OperationDetect, ad.File(d.images[0]), ad.ClientReferenceID("stopped")))
	go func() {
		for job.Stage() < ad.StageCreated {
			time.Sleep(time.Millisecond)
		}
		job.Cancel()
	}()
	_, err := job.Run(ctx)
	stopped := failureOf(err, ad.ErrCanceled)
	short, stop := context.WithTimeout(ctx, 5*time.Millisecond)
	defer stop()
	_, err = job.Run(short)
	check(errors.Is(err, context.DeadlineExceeded), "%v", err)
	d.run(ctx, job, d.images[0]) // the service goes on meanwhile; running it again finds the same job
	return fmt.Sprintf("stopped at stage %v by hand, then by its context, then run to its end", stopped.Stage)
}

func (d *demo) callTimeout(ctx context.Context) string {
	c := client()
	defer c.Close()
	job := must(c.NewJob(ad.OperationDetect, ad.File(d.images[0]), ad.ClientReferenceID("late")))
	none(job.Configure(ad.CallTimeout(5 * time.Millisecond)))
	_, err := job.Run(ctx)
	late := failureOf(err, ad.ErrCallTimeout)
	none(job.Configure(ad.CallTimeout(-1)))
	d.run(ctx, job, d.images[0])
	return late.Message
}

// saveAndRestore: another process uploads the images of two jobs, keeps one job and the id of the other, and is killed.
func (d *demo) saveAndRestore(ctx context.Context) string {
	child := exec.Command(must(os.Executable()), crashWord, d.images[0])
	child.Stderr = os.Stderr
	output, err := child.Output()
	var ended *exec.ExitError
	check(errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL, "the child: %v", err)
	submitted, kept, _ := strings.Cut(string(output), "\n")
	check(!strings.Contains(kept, os.Getenv("AD_API_KEY")), "the key was saved")
	c := client()
	defer c.Close()
	job := must(c.Restore([]byte(kept)))
	id := job.ID()
	check(id != "" && job.Stage() == ad.StageUploaded, "%q, %v", id, job.Stage())
	d.run(ctx, job, d.images[0])
	check(job.ID() == id, "%q became %q", id, job.ID())
	d.run(ctx, must(c.Attach(submitted)), d.images[0])
	uploads := must(c.Statistic(ad.StatRequestsUpload))
	check(uploads == 0, "%d uploads after the restore", uploads)
	return fmt.Sprintf("%d bytes of JSON, taken before the process was killed", len(kept))
}

func crash(image string) {
	ctx := context.Background()
	c := client()
	submitted := must(c.NewJob(ad.OperationDetect, ad.File(image), ad.ClientReferenceID("submitted")))
	uploaded := must(c.NewJob(ad.OperationDetect, ad.File(image), ad.ClientReferenceID("uploaded")))
	for _, job := range []*ad.Job{submitted, uploaded} {
		none(job.Create(ctx))
		none(job.Upload(ctx))
	}
	none(submitted.Submit(ctx))
	fmt.Printf("%s\n%s", submitted.ID(), must(uploaded.Save()))
	none(syscall.Kill(os.Getpid(), syscall.SIGKILL))
}

func (d *demo) rerun(ctx context.Context) string {
	c := client()
	defer c.Close()
	job := must(c.NewJob(ad.OperationDetect, ad.File(d.images[0]), ad.ClientReferenceID("rerun")))
	must(job.Run(ctx))
	d.remember(job)
	none(job.Rerun())
	check(job.Stage() == ad.StageNew && job.ID() == "" && job.Info().RerunNumber == 1, "%+v", job.Info())
	d.run(ctx, job, d.images[0])
	return fmt.Sprint("another job for the same image, with number ", job.Info().RerunNumber)
}

func (d *demo) control(ctx context.Context) string {
	c := client(ad.WithMaxJobs(10), ad.WithHeader("traceparent", "00-1"))
	defer c.Close()
	none(c.SetPaused(ad.PauseAll))
	job := must(c.NewJob(ad.OperationDetect, ad.File(d.images[0]), ad.ClientReferenceID("paused"), ad.Note("row 7")))
	none(job.Configure(ad.CallTimeout(20*time.Millisecond), ad.Priority(-1)))
	_, err := job.Run(ctx)
	failureOf(err, ad.ErrCallTimeout)
	check(job.Stage() == ad.StageNew && job.Info().Note == "row 7", "%v, %+v", job.Stage(), job.Info())
	none(c.SetPaused(ad.PauseNone))
	none(c.NetworkChanged())
	none(job.Configure(ad.CallTimeout(-1)))
	d.run(ctx, job, d.images[0])
	none(c.Stop())
	_, err = c.Detect(ctx, ad.File(d.images[0]))
	failureOf(err, ad.ErrCanceled)
	var told []string
	for _, one := range must(c.Statistics()) {
		if one.Value > 0 && !one.Gauge {
			told = append(told, fmt.Sprint(one.Name, " ", one.Value))
		}
	}
	return "paused, run, stopped; " + strings.Join(told, ", ")
}

func main() {
	folder := filepath.Join("..", "images")
	if len(os.Args) == 3 && os.Args[1] == crashWord {
		crash(os.Args[2])
	} else if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	d := &demo{jobs: map[string]bool{}}
	for _, kind := range []string{"*.jpg", "*.png"} {
		d.images = append(d.images, must(filepath.Glob(filepath.Join(folder, kind)))...)
	}
	sort.Strings(d.images)
	check(len(d.images) > 0, "no image in %s", folder)
	if text, err := os.ReadFile(filepath.Join(folder, "answers.json")); err == nil {
		none(json.Unmarshal(text, &d.answers))
	}
	fmt.Printf("libanimaldetect %s, %s\n", ad.Version(), runtime.Version())
	for _, part := range []struct {
		name string
		act  func(context.Context) string
	}{
		{"one image", d.oneImage}, {"many at once", d.manyAtOnce}, {"filter", d.filter}, {"errors", d.errors},
		{"cancel", d.cancel}, {"call timeout", d.callTimeout}, {"control", d.control}, {"rerun", d.rerun},
		{"save and restore", d.saveAndRestore},
	} {
		fmt.Printf("%s: %s\n", part.name, part.act(context.Background()))
	}
	fmt.Printf("expected jobs: %d\n", len(d.jobs))
}
