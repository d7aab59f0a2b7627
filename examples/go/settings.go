// SPDX-License-Identifier: MIT

package animaldetect

/*
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"encoding/json"
	"io"
	"runtime/cgo"
	"time"
	"unsafe"
)

// Setting says what a job is about: exactly one image, what goes with it, and the options of the service.
type Setting func(*Job) error

// Configure applies settings. Once a call was started only CallTimeout, Priority and Note may change, and the image of a
// restored job.
func (j *Job) Configure(settings ...Setting) error {
	for _, setting := range settings {
		if err := setting(j); err != nil {
			return err
		}
	}
	return nil
}

// ---- the image ----

// File takes the image from a file, which is opened when it is its turn.
func File(path string) Setting {
	return textSetting(path, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_file(j.c, text) })
}

// Bytes takes a copy of the encoded image.
func Bytes(image []byte) Setting {
	return setting(func(j *Job) C.int32_t {
		if len(image) == 0 {
			return C.animaldetect_job_set_bytes(j.c, nil, 0)
		}
		return C.animaldetect_job_set_bytes(j.c, unsafe.Pointer(&image[0]), C.size_t(len(image)))
	})
}

// Reader takes the image from where the source stands to its end. It is read on the goroutine that moves the client's
// calls on, so it should not block for long; it may not call the client. It must stay open until the image is uploaded, and
// is let go when the job is closed or has another image. A bytes.Reader sends a slice without a copy of it.
func Reader(source io.ReadSeeker) Setting {
	return func(j *Job) error {
		start, err := source.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		end, err := source.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if _, err := source.Seek(start, io.SeekStart); err != nil {
			return err
		}
		r := &reader{source: source, start: start, inside: &j.client.inside}
		return setting(func(j *Job) C.int32_t { return j.setReader(r, C.uint64_t(end-start)) })(j)
	}
}

func (j *Job) setReader(r *reader, size C.uint64_t) C.int32_t {
	handle := cgo.NewHandle(r)
	status := C.bridge_set_reader(j.c, j.client.c, size, C.uintptr_t(handle))
	if status == C.ANIMALDETECT_OK {
		j.reader = r
	} else {
		handle.Delete()
	}
	return status
}

// SourceURL lets the service fetch a public image itself.
func SourceURL(url string) Setting {
	return textSetting(url, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_source_url(j.c, text) })
}

// ---- what goes with it ----

// Filename is the name that the service sees.
func Filename(name string) Setting {
	return textSetting(name, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_filename(j.c, text) })
}

// ContentType is read from the first bytes of the image unless it is set.
func ContentType(name string) Setting {
	return textSetting(name, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_content_type(j.c, text) })
}

// SHA256 of the image in hex, where it is known already.
func SHA256(hex string) Setting {
	return textSetting(hex, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_sha256(j.c, text) })
}

// ClientReferenceID is an id of the host's own system; it is part of the payload.
func ClientReferenceID(id string) Setting {
	return textSetting(id, func(j *Job, text *C.char) C.int32_t {
		return C.animaldetect_job_set_client_reference_id(j.c, text)
	})
}

// IdempotencyKey takes the place of the key that is derived from the payload.
func IdempotencyKey(key string) Setting {
	return textSetting(key, func(j *Job, text *C.char) C.int32_t {
		return C.animaldetect_job_set_idempotency_key(j.c, text)
	})
}

// Rerun asks for a new, separately billed run of a payload that ran before. Of a job that was started, Job.Rerun is the
// next one.
func Rerun(number int32) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_rerun(j.c, C.int32_t(number)) })
}

// CallTimeout bounds how long each call on this job may take, as a context's does for one call; negative for none. It may be
// changed between two calls.
func CallTimeout(timeout time.Duration) Setting {
	return func(j *Job) error {
		if timeout == 0 {
			return failure(ErrInvalidArgument, "a call timeout is more than 0, or negative for none")
		}
		return j.locked(func() error {
			if j.callTimeout = timeout; timeout < 0 {
				j.callTimeout = 0
			}
			return nil
		})
	}
}

// Priority says which jobs go first: of requests of the same kind that wait, those of the smaller number. It may be changed
// at any time.
func Priority(number int32) Setting {
	return anytime(func(j *Job) C.int32_t { return C.animaldetect_job_set_priority(j.c, C.int32_t(number)) },
		func(info *Info) { info.Priority = number })
}

// Note is a text of the host's own, such as the row of a database. It is never sent; it is saved with the job and there
// again when the job was restored. It may be changed at any time.
func Note(note string) Setting {
	return func(j *Job) error {
		return withText(note, func(text *C.char) error {
			return anytime(func(j *Job) C.int32_t { return C.animaldetect_job_set_note(j.c, text) },
				func(info *Info) { info.Note = note })(j)
		})
	}
}

// ---- options of the service ----

// Threshold: detections with a lower score are dropped.
func Threshold(score float64) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_threshold(j.c, C.double(score)) })
}

// Country says which species are to be expected.
func Country(name string) Setting {
	return textSetting(name, func(j *Job, text *C.char) C.int32_t { return C.animaldetect_job_set_country(j.c, text) })
}

// Classify: name species, or only animal, human, vehicle.
func Classify(on bool) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_classify(j.c, truth(on)) })
}

// Metadata: return the metadata found in the image.
func Metadata(on bool) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_metadata(j.c, truth(on)) })
}

// SmoothHerd: give the animals of one image a common name where they look alike.
func SmoothHerd(on bool) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_smooth_herd(j.c, truth(on)) })
}

// TopCandidate is how many further guesses to return for each detection.
func TopCandidate(count int32) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_top_candidate(j.c, C.int32_t(count)) })
}

// Location is where the image was taken, in degrees.
func Location(latitude, longitude float64) Setting {
	return setting(func(j *Job) C.int32_t {
		return C.animaldetect_job_set_location(j.c, C.double(latitude), C.double(longitude))
	})
}

// ServiceOption is one that the service adds later; the value is what encoding/json makes of it.
func ServiceOption(name string, value any) Setting {
	return func(j *Job) error {
		encoded, err := json.Marshal(value)
		if err != nil {
			return err
		}
		return withText(string(encoded), func(value *C.char) error {
			return textSetting(name, func(j *Job, name *C.char) C.int32_t {
				return C.animaldetect_job_set_option_json(j.c, name, value)
			})(j)
		})
	}
}

// ---- for the settings above ----

func textSetting(text string, act func(*Job, *C.char) C.int32_t) Setting {
	return func(j *Job) error {
		return withText(text, func(text *C.char) error {
			return setting(func(j *Job) C.int32_t { return act(j, text) })(j)
		})
	}
}

func setting(act func(*Job) C.int32_t) Setting {
	return func(j *Job) error {
		return j.locked(func() error {
			if j.calling { // the library would refuse it too, but keep its words in place of those of the call's end
				return failure(ErrBusy, "a call is in flight on this job")
			}
			if err := j.tell(act); err != nil {
				return err
			}
			j.info.Store(j.readInfo())
			return nil
		})
	}
}

// anytime is for what may be set while a call is in flight. The library's texts cannot be read then.
func anytime(act func(*Job) C.int32_t, change func(*Info)) Setting {
	return func(j *Job) error {
		return j.locked(func() error {
			if err := j.tell(act); err != nil {
				return err
			}
			info := j.Info()
			change(&info)
			j.info.Store(&info)
			return nil
		})
	}
}

// tell sets, and reads why that was refused before anybody else is. Locked.
func (j *Job) tell(act func(*Job) C.int32_t) error {
	j.client.mutex.Lock()
	defer j.client.mutex.Unlock()
	return refusal(Status(act(j)), j.message)
}
