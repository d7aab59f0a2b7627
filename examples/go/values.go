// SPDX-License-Identifier: MIT

package animaldetect

// The named values of the C headers, taken from them by the compiler. A newer library may use numbers that are not
// here: treat them as "other".

// #include <animaldetect/animaldetect.h>
import "C"

// Status says how a call ended. It is an error of its own, so that errors.Is(err, animaldetect.ErrConflict) works.
type Status int32

// ErrCanceled is context.Canceled as well, and ErrDeadline context.DeadlineExceeded: see Error.Is.
const (
	OK                 Status = C.ANIMALDETECT_OK
	Again              Status = C.ANIMALDETECT_AGAIN
	ErrInvalidArgument Status = C.ANIMALDETECT_E_INVALID_ARGUMENT
	ErrNoMemory        Status = C.ANIMALDETECT_E_NO_MEMORY
	ErrState           Status = C.ANIMALDETECT_E_STATE
	ErrBusy            Status = C.ANIMALDETECT_E_BUSY
	ErrForked          Status = C.ANIMALDETECT_E_FORKED
	ErrUnsupported     Status = C.ANIMALDETECT_E_UNSUPPORTED
	ErrCanceled        Status = C.ANIMALDETECT_E_CANCELED
	ErrDeadline        Status = C.ANIMALDETECT_E_DEADLINE
	ErrNoAPIKey        Status = C.ANIMALDETECT_E_NO_API_KEY
	ErrFile            Status = C.ANIMALDETECT_E_FILE
	ErrFileChanged     Status = C.ANIMALDETECT_E_FILE_CHANGED
	ErrImageEmpty      Status = C.ANIMALDETECT_E_IMAGE_EMPTY
	ErrImageTooLarge   Status = C.ANIMALDETECT_E_IMAGE_TOO_LARGE
	ErrImageType       Status = C.ANIMALDETECT_E_IMAGE_TYPE
	ErrReader          Status = C.ANIMALDETECT_E_READER
	ErrNetwork         Status = C.ANIMALDETECT_E_NETWORK
	ErrTimeout         Status = C.ANIMALDETECT_E_TIMEOUT
	ErrTLS             Status = C.ANIMALDETECT_E_TLS
	ErrUntrustedURL    Status = C.ANIMALDETECT_E_UNTRUSTED_URL
	ErrInsecureURL     Status = C.ANIMALDETECT_E_INSECURE_URL
	ErrBadRequest      Status = C.ANIMALDETECT_E_BAD_REQUEST
	ErrUnauthorized    Status = C.ANIMALDETECT_E_UNAUTHORIZED
	ErrPaymentRequired Status = C.ANIMALDETECT_E_PAYMENT_REQUIRED
	ErrForbidden       Status = C.ANIMALDETECT_E_FORBIDDEN
	ErrNotFound        Status = C.ANIMALDETECT_E_NOT_FOUND
	ErrConflict        Status = C.ANIMALDETECT_E_CONFLICT
	ErrRateLimited     Status = C.ANIMALDETECT_E_RATE_LIMITED
	ErrService         Status = C.ANIMALDETECT_E_SERVICE
	ErrHTTP            Status = C.ANIMALDETECT_E_HTTP
	ErrProtocol        Status = C.ANIMALDETECT_E_PROTOCOL
	ErrAnswerTooLarge  Status = C.ANIMALDETECT_E_ANSWER_TOO_LARGE
	ErrUploadExpired   Status = C.ANIMALDETECT_E_UPLOAD_EXPIRED
	ErrUploadRefused   Status = C.ANIMALDETECT_E_UPLOAD_REFUSED
	ErrJobFailed       Status = C.ANIMALDETECT_E_JOB_FAILED
	ErrJobExpired      Status = C.ANIMALDETECT_E_JOB_EXPIRED
	ErrSavedJob        Status = C.ANIMALDETECT_E_SAVED_JOB
	ErrNoInput         Status = C.ANIMALDETECT_E_NO_INPUT
	Absent             Status = C.ANIMALDETECT_ABSENT
	ErrSystem          Status = C.ANIMALDETECT_E_SYSTEM
)

// Error is the status in a few words, without detail.
func (s Status) Error() string { return C.GoString(C.animaldetect_status_text(C.int32_t(s))) }

// Name is the one that the C headers use, such as ANIMALDETECT_E_CONFLICT.
func (s Status) Name() string { return C.GoString(C.animaldetect_status_name(C.int32_t(s))) }

// Retriable tells whether the same call has a chance later, unchanged.
func (s Status) Retriable() bool { return C.animaldetect_status_is_retriable(C.int32_t(s)) == 1 }

// What NewJob may ask for.
const (
	OperationDetect      = C.ANIMALDETECT_OPERATION_DETECT
	OperationDetectUrban = C.ANIMALDETECT_OPERATION_DETECT_URBAN
	OperationFilter      = C.ANIMALDETECT_OPERATION_FILTER
	OperationFilterUrban = C.ANIMALDETECT_OPERATION_FILTER_URBAN
)

// State is what the service said of a job.
type State int32

const (
	StateNone           State = C.ANIMALDETECT_STATE_NONE
	StateAwaitingUpload State = C.ANIMALDETECT_STATE_AWAITING_UPLOAD
	StateQueued         State = C.ANIMALDETECT_STATE_QUEUED
	StateRunning        State = C.ANIMALDETECT_STATE_RUNNING
	StateSucceeded      State = C.ANIMALDETECT_STATE_SUCCEEDED
	StateFailed         State = C.ANIMALDETECT_STATE_FAILED
	StateExpired        State = C.ANIMALDETECT_STATE_EXPIRED
	StateOther          State = C.ANIMALDETECT_STATE_OTHER
)

func (s State) String() string { return C.GoString(C.animaldetect_state_name(C.int32_t(s))) }

// Stage is how far a job has come; the order is that of the flow.
type Stage int32

const (
	StageNew       Stage = C.ANIMALDETECT_STAGE_NEW
	StageCreated   Stage = C.ANIMALDETECT_STAGE_CREATED
	StageUploaded  Stage = C.ANIMALDETECT_STAGE_UPLOADED
	StageSubmitted Stage = C.ANIMALDETECT_STAGE_SUBMITTED
	StageFinished  Stage = C.ANIMALDETECT_STAGE_FINISHED
	StageFetched   Stage = C.ANIMALDETECT_STAGE_FETCHED
)

func (s Stage) String() string { return C.GoString(C.animaldetect_stage_name(C.int32_t(s))) }

// Step is what a call was at, for errors and times.
type Step int32

const (
	StepNone    Step = C.ANIMALDETECT_STEP_NONE
	StepPrepare Step = C.ANIMALDETECT_STEP_PREPARE
	StepCreate  Step = C.ANIMALDETECT_STEP_CREATE
	StepUpload  Step = C.ANIMALDETECT_STEP_UPLOAD
	StepSubmit  Step = C.ANIMALDETECT_STEP_SUBMIT
	StepPoll    Step = C.ANIMALDETECT_STEP_POLL
	StepFetch   Step = C.ANIMALDETECT_STEP_FETCH
)

func (s Step) String() string { return C.GoString(C.animaldetect_step_name(C.int32_t(s))) }

// PollMode is what polls are spent on.
type PollMode int32

const (
	PollLatency    PollMode = C.ANIMALDETECT_POLL_LATENCY
	PollBalanced   PollMode = C.ANIMALDETECT_POLL_BALANCED
	PollThroughput PollMode = C.ANIMALDETECT_POLL_THROUGHPUT
)

// LogLevel: a client logs the chosen level and all below it.
type LogLevel int32

const (
	LogNone    LogLevel = C.ANIMALDETECT_LOG_NONE
	LogError   LogLevel = C.ANIMALDETECT_LOG_ERROR
	LogWarning LogLevel = C.ANIMALDETECT_LOG_WARNING
	LogInfo    LogLevel = C.ANIMALDETECT_LOG_INFO
	LogDebug   LogLevel = C.ANIMALDETECT_LOG_DEBUG
)

// Rank is an index into a Taxonomy.
type Rank int32

const (
	RankID      Rank = C.ANIMALDETECT_RANK_ID
	RankClass   Rank = C.ANIMALDETECT_RANK_CLASS
	RankOrder   Rank = C.ANIMALDETECT_RANK_ORDER
	RankFamily  Rank = C.ANIMALDETECT_RANK_FAMILY
	RankGenus   Rank = C.ANIMALDETECT_RANK_GENUS
	RankSpecies Rank = C.ANIMALDETECT_RANK_SPECIES

	ranks = 6
)

// Statistic is a counter, or a gauge where it says so.
type Statistic int32

const (
	StatRequestsCreate  Statistic = C.ANIMALDETECT_STAT_REQUESTS_CREATE
	StatRequestsUpload  Statistic = C.ANIMALDETECT_STAT_REQUESTS_UPLOAD
	StatRequestsSubmit  Statistic = C.ANIMALDETECT_STAT_REQUESTS_SUBMIT
	StatRequestsPoll    Statistic = C.ANIMALDETECT_STAT_REQUESTS_POLL
	StatRequestsResult  Statistic = C.ANIMALDETECT_STAT_REQUESTS_RESULT
	StatRetries         Statistic = C.ANIMALDETECT_STAT_RETRIES
	StatRateLimited     Statistic = C.ANIMALDETECT_STAT_RATE_LIMITED
	StatBytesSent       Statistic = C.ANIMALDETECT_STAT_BYTES_SENT
	StatBytesReceived   Statistic = C.ANIMALDETECT_STAT_BYTES_RECEIVED
	StatCallsSucceeded  Statistic = C.ANIMALDETECT_STAT_CALLS_SUCCEEDED
	StatCallsFailed     Statistic = C.ANIMALDETECT_STAT_CALLS_FAILED
	StatCallsCanceled   Statistic = C.ANIMALDETECT_STAT_CALLS_CANCELED
	StatJobsSucceeded   Statistic = C.ANIMALDETECT_STAT_JOBS_SUCCEEDED
	StatJobsFailed      Statistic = C.ANIMALDETECT_STAT_JOBS_FAILED
	StatJobsExpired     Statistic = C.ANIMALDETECT_STAT_JOBS_EXPIRED
	StatReplays         Statistic = C.ANIMALDETECT_STAT_REPLAYS
	StatCallsInFlight   Statistic = C.ANIMALDETECT_STAT_CALLS_IN_FLIGHT  // gauge
	StatRequestsActive  Statistic = C.ANIMALDETECT_STAT_REQUESTS_ACTIVE  // gauge
	StatRequestsWaiting Statistic = C.ANIMALDETECT_STAT_REQUESTS_WAITING // gauge
	StatPacePerMinute   Statistic = C.ANIMALDETECT_STAT_PACE_PER_MINUTE  // gauge
	StatFrozenMs        Statistic = C.ANIMALDETECT_STAT_FROZEN_MS        // gauge
	StatTurns           Statistic = C.ANIMALDETECT_STAT_TURNS
)
