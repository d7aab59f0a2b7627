// SPDX-License-Identifier: MIT

// Go for the bench of the bindings: one goroutine for each job in flight. See loop.c.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"animaldetect.com/go/animaldetect"
)

var jobs, started, done, found, early int64

func rssKiB() int64 {
	text, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * 4
}

func work(client *animaldetect.Client) {
	for {
		number := atomic.AddInt64(&started, 1)
		if number > jobs {
			return
		}
		image := make([]byte, 2048)
		copy(image, fmt.Sprintf("\xff\xd8\xff\xe0 go %d", number))
		result, err := client.Detect(context.Background(), animaldetect.Bytes(image))
		if err != nil {
			log.Fatal(err)
		}
		for _, seen := range result.Detections {
			if seen.Label.Present && seen.Score.Present {
				atomic.AddInt64(&found, 1)
			}
		}
		if atomic.AddInt64(&done, 1) == 5000 {
			atomic.StoreInt64(&early, rssKiB())
		}
	}
}

func main() {
	jobs, _ = strconv.ParseInt(os.Args[1], 10, 64)
	window, _ := strconv.Atoi(os.Args[2])
	client, err := animaldetect.FromEnv(animaldetect.WithMaxRequests(64), animaldetect.WithPollMode(animaldetect.PollLatency),
		animaldetect.WithPollBounds(10*time.Millisecond, 100*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	var running sync.WaitGroup
	for i := 0; i < window; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			work(client)
		}()
	}
	running.Wait()
	client.Close()
	fmt.Printf("{\"jobs\": %d, \"found\": %d, \"early_kib\": %d, \"rss_kib\": %d}\n", done, found, early, rssKiB())
}
