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

// Configure applies settings. Once a call was started only Deadline may change, and the image of a restored job.
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
// calls on, so it should not block for long; it may not call the client. It must stay open until the image is uploaded.
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
		r := &reader{source: source, start: start}
		return setting(func(j *Job) C.int32_t { return j.setReader(r, C.uint64_t(end-start)) })(j)
	}
}

func (j *Job) setReader(r *reader, size C.uint64_t) C.int32_t {
	kept := keptReader{reader: r, handle: cgo.NewHandle(r)}
	kept.bridge = C.bridge_reader_new(j.client.c, C.uintptr_t(kept.handle))
	status := C.int32_t(C.ANIMALDETECT_E_NO_MEMORY)
	if kept.bridge != nil {
		status = C.bridge_set_reader(j.c, kept.bridge, size)
	}
	if status == C.ANIMALDETECT_OK {
		j.readers = append(j.readers, kept)
	} else {
		kept.drop()
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

// Rerun asks for a new, separately billed run of a payload that ran before.
func Rerun(number int32) Setting {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_set_rerun(j.c, C.int32_t(number)) })
}

// Deadline bounds how long each call on this job may take, as a context's does for one call; negative for none. It may be
// changed between two calls.
func Deadline(timeout time.Duration) Setting {
	return func(j *Job) error {
		if timeout == 0 {
			return failure(ErrInvalidArgument, "a deadline is more than 0, or negative for none")
		}
		return j.locked(func() error {
			if j.deadline = timeout; timeout < 0 {
				j.deadline = 0
			}
			return nil
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
			j.client.mutex.Lock()
			defer j.client.mutex.Unlock()
			return refusal(Status(act(j)), C.animaldetect_job_message(j.c))
		})
	}
}
