// SPDX-License-Identifier: MIT

package animaldetect

// #include <animaldetect/animaldetect.h>
import "C"

import (
	"time"
	"unsafe"
)

// Result is what the service saw in one image. It is a copy: nothing of it needs to be closed.
type Result struct {
	Kind                           ResultKind // ResultOther: only JSON has something to say
	ID, ExpiresAt                  Optional[string]
	Detections                     []Detection
	ImageWidth, ImageHeight        Optional[int64]         // pixels
	FileSize                       Optional[int64]         // bytes
	ProcessingTime                 Optional[time.Duration] // of the service
	ModelID, ModelVersion, Country Optional[string]
	Threshold                      Optional[float64]
	Metadata                       []byte // JSON, all of the image's metadata; nil when absent
	JSON                           []byte // the service's, byte for byte, with fields that are not known here
}

// Detection is one box.
type Detection struct {
	ID         Optional[int64]
	Label      Optional[string] // such as "red fox", "animal", "human", "vehicle"
	Category   Optional[string] // the coarse class that filter operations send
	Score      Optional[float64]
	Box        Optional[Box]
	Taxonomy   Taxonomy
	Candidates []Candidate // further guesses
}

// Box is in fractions of the image, origin at the top left.
type Box struct{ XMin, YMin, Width, Height float64 }

// Taxonomy has a name for each Rank; a present "" is a name that the service sent empty.
type Taxonomy [ranks]Optional[string]

// Candidate is one further guess for a box.
type Candidate struct {
	Label    Optional[string]
	Score    Optional[float64]
	Taxonomy Taxonomy
}

// ParseResult reads JSON that was kept, such as Result.JSON.
func ParseResult(json []byte) (*Result, error) {
	if err := versionFits(); err != nil {
		return nil, err
	}
	var out *C.animaldetect_result
	var first *C.char
	if len(json) > 0 {
		first = (*C.char)(unsafe.Pointer(&json[0]))
	}
	status := Status(C.animaldetect_result_parse(first, C.size_t(len(json)), &out))
	if status != OK {
		return nil, failure(status, "")
	}
	return takeResult(out), nil
}

// takeResult copies a result and frees it.
func takeResult(from *C.animaldetect_result) *Result {
	defer C.animaldetect_result_free(from)
	var size C.size_t
	result := &Result{
		Kind:         ResultKind(C.animaldetect_result_kind(from)),
		ID:           optionalText(C.animaldetect_result_id(from)),
		ExpiresAt:    optionalText(C.animaldetect_result_expires_at(from)),
		ModelID:      optionalText(C.animaldetect_result_model_id(from)),
		ModelVersion: optionalText(C.animaldetect_result_model_version(from)),
		Country:      optionalText(C.animaldetect_result_country(from)),
		ImageWidth:   integer(func(out *C.int64_t) C.int32_t { return C.animaldetect_result_image_width(from, out) }),
		ImageHeight:  integer(func(out *C.int64_t) C.int32_t { return C.animaldetect_result_image_height(from, out) }),
		FileSize:     integer(func(out *C.int64_t) C.int32_t { return C.animaldetect_result_file_size(from, out) }),
		Threshold:    fraction(func(out *C.double) C.int32_t { return C.animaldetect_result_threshold(from, out) }),
	}
	took := integer(func(out *C.int64_t) C.int32_t { return C.animaldetect_result_processing_time_ms(from, out) })
	if took.Present {
		result.ProcessingTime = present(time.Duration(took.Value) * time.Millisecond)
	}
	if json := C.animaldetect_result_json(from, &size); json != nil {
		result.JSON = C.GoBytes(unsafe.Pointer(json), C.int(size))
	}
	if json := C.animaldetect_result_metadata_json(from, &size); json != nil {
		result.Metadata = C.GoBytes(unsafe.Pointer(json), C.int(size))
	}
	for i := C.size_t(0); i < C.animaldetect_result_count(from); i++ {
		result.Detections = append(result.Detections, detection(C.animaldetect_result_at(from, i)))
	}
	return result
}

func detection(from *C.animaldetect_detection) Detection {
	found := Detection{
		ID:       integer(func(out *C.int64_t) C.int32_t { return C.animaldetect_detection_id(from, out) }),
		Label:    optionalText(C.animaldetect_detection_label(from)),
		Category: optionalText(C.animaldetect_detection_category(from)),
		Score:    fraction(func(out *C.double) C.int32_t { return C.animaldetect_detection_score(from, out) }),
	}
	var box [4]C.double
	if C.animaldetect_detection_bbox(from, &box[0]) == C.ANIMALDETECT_OK {
		found.Box = present(Box{float64(box[0]), float64(box[1]), float64(box[2]), float64(box[3])})
	}
	for rank := range found.Taxonomy {
		found.Taxonomy[rank] = optionalText(C.animaldetect_detection_taxonomy(from, C.int32_t(rank)))
	}
	for i := C.size_t(0); i < C.animaldetect_detection_candidate_count(from); i++ {
		found.Candidates = append(found.Candidates, candidate(C.animaldetect_detection_candidate(from, i)))
	}
	return found
}

func candidate(from *C.animaldetect_candidate) Candidate {
	guess := Candidate{
		Label: optionalText(C.animaldetect_candidate_label(from)),
		Score: fraction(func(out *C.double) C.int32_t { return C.animaldetect_candidate_score(from, out) }),
	}
	for rank := range guess.Taxonomy {
		guess.Taxonomy[rank] = optionalText(C.animaldetect_candidate_taxonomy(from, C.int32_t(rank)))
	}
	return guess
}

func optionalText(text *C.char) Optional[string] {
	if text == nil {
		return Optional[string]{}
	}
	return present(C.GoString(text))
}

func integer(get func(*C.int64_t) C.int32_t) Optional[int64] {
	var value C.int64_t
	if get(&value) != C.ANIMALDETECT_OK {
		return Optional[int64]{}
	}
	return present(int64(value))
}

func fraction(get func(*C.double) C.int32_t) Optional[float64] {
	var value C.double
	if get(&value) != C.ANIMALDETECT_OK {
		return Optional[float64]{}
	}
	return present(float64(value))
}
