// SPDX-License-Identifier: MIT

package animaldetect

// The named values of the C headers, taken from them by the compiler. A newer library may use numbers that are not
// here: treat them as "other".

// #include <animaldetect/animaldetect.h>
import "C"

// Status says how a call ended. It is an error of its own, so that errors.Is(err, animaldetect.ErrConflict) works.
type Status int32

// ErrCanceled is context.Canceled as well, and ErrCallTimeout context.DeadlineExceeded: see Error.Is.
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
	ErrCallTimeout     Status = C.ANIMALDETECT_E_CALL_TIMEOUT
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
	ErrReentrant       Status = C.ANIMALDETECT_E_REENTRANT
	ErrClientFreed     Status = C.ANIMALDETECT_E_CLIENT_FREED
	ErrQueueFull       Status = C.ANIMALDETECT_E_QUEUE_FULL
	ErrOverdue         Status = C.ANIMALDETECT_E_OVERDUE
	ErrStateUnknown    Status = C.ANIMALDETECT_E_STATE_UNKNOWN
	ErrNoDescriptors   Status = C.ANIMALDETECT_E_NO_DESCRIPTORS
	ErrMedium          Status = C.ANIMALDETECT_E_MEDIUM
	ErrFileUnfinished  Status = C.ANIMALDETECT_E_FILE_UNFINISHED
	ErrHost            Status = C.ANIMALDETECT_E_HOST // this number and all below it are the host's own
)

// Error is the status in a few words, without detail.
func (s Status) Error() string { return C.GoString(C.animaldetect_status_text(C.int32_t(s))) }

// Name is the one that the C headers use, such as ANIMALDETECT_E_CONFLICT.
func (s Status) Name() string { return C.GoString(C.animaldetect_status_name(C.int32_t(s))) }

// Retriable tells whether the same call has a chance later, unchanged.
func (s Status) Retriable() bool { return C.animaldetect_status_is_retriable(C.int32_t(s)) == 1 }

// Scope says whose matter it is.
func (s Status) Scope() Scope { return Scope(C.animaldetect_status_scope(C.int32_t(s))) }

// Scope says whose matter a failure is. It is an error of its own, so that errors.Is(err, animaldetect.ScopeAccount) works.
type Scope int32

const (
	ScopeNone    Scope = C.ANIMALDETECT_SCOPE_NONE    // no failure
	ScopeCaller  Scope = C.ANIMALDETECT_SCOPE_CALLER  // the program or its machine: keep the image
	ScopeImage   Scope = C.ANIMALDETECT_SCOPE_IMAGE   // this image: set it aside, the others are fine
	ScopeJob     Scope = C.ANIMALDETECT_SCOPE_JOB     // this job: another run may help, see Job.Rerun
	ScopeAccount Scope = C.ANIMALDETECT_SCOPE_ACCOUNT // key, permission or payment: keep all images, call a person
	ScopeNetwork Scope = C.ANIMALDETECT_SCOPE_NETWORK // keep all images, ask again later
	ScopeService Scope = C.ANIMALDETECT_SCOPE_SERVICE // keep all images, ask again later
	ScopeOther   Scope = C.ANIMALDETECT_SCOPE_OTHER   // not known to this version: keep the image
)

var scopes = [...]string{"none", "caller", "image", "job", "account", "network", "service"}

// String is a word such as "account".
func (s Scope) String() string {
	if s >= 0 && int(s) < len(scopes) {
		return scopes[s]
	}
	return "other"
}

func (s Scope) Error() string { return "a matter of scope " + s.String() }

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

// Severity is the number that log/slog gives to such a level, such as 8 for LogError.
func (l LogLevel) Severity() int { return 12 - 4*int(l) }

// Pause is what a client does not begin for now.
type Pause int32

const (
	PauseNone    Pause = C.ANIMALDETECT_PAUSE_NONE    // go on
	PauseCreates Pause = C.ANIMALDETECT_PAUSE_CREATES // no new job at the service; those that have one are finished
	PauseUploads Pause = C.ANIMALDETECT_PAUSE_UPLOADS // no upload; everything else goes on
	PauseAll     Pause = C.ANIMALDETECT_PAUSE_ALL     // no request at all
)

// Hold is what keeps a client's requests back. A number that is not here is a hold.
type Hold int32

const (
	HoldNone      Hold = C.ANIMALDETECT_HOLD_NONE
	HoldNetwork   Hold = C.ANIMALDETECT_HOLD_NETWORK    // no network: all calls wait, one request at a time probes
	HoldRateLimit Hold = C.ANIMALDETECT_HOLD_RATE_LIMIT // the quota is used up
	HoldService   Hold = C.ANIMALDETECT_HOLD_SERVICE    // the service has asked for a long wait
	HoldAccount   Hold = C.ANIMALDETECT_HOLD_ACCOUNT    // the key or the account was refused: see Client.Resume
)

// ResultKind is what a result is.
type ResultKind int32

const (
	ResultOther      ResultKind = C.ANIMALDETECT_RESULT_OTHER
	ResultDetections ResultKind = C.ANIMALDETECT_RESULT_DETECTIONS
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
	StatRequestsFetch   Statistic = C.ANIMALDETECT_STAT_REQUESTS_FETCH
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
	StatHoldMs          Statistic = C.ANIMALDETECT_STAT_HOLD_MS          // gauge
	StatIterations      Statistic = C.ANIMALDETECT_STAT_ITERATIONS
	StatBytesSentInVain Statistic = C.ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN
	StatFreshUrls       Statistic = C.ANIMALDETECT_STAT_FRESH_URLS
	StatUploadsActive   Statistic = C.ANIMALDETECT_STAT_UPLOADS_ACTIVE  // gauge
	StatUplinkRate      Statistic = C.ANIMALDETECT_STAT_UPLINK_RATE     // gauge
	StatClockOffsetMs   Statistic = C.ANIMALDETECT_STAT_CLOCK_OFFSET_MS // gauge
)

// String is the name, such as "requests_create"; "other" for an unknown one.
func (s Statistic) String() string {
	if name := C.animaldetect_statistic_name(C.int32_t(s)); name != nil {
		return C.GoString(name)
	}
	return "other"
}

// IsGauge tells what goes up and down from a counter.
func (s Statistic) IsGauge() bool { return C.animaldetect_statistic_is_gauge(C.int32_t(s)) == 1 }
