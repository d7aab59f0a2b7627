// SPDX-License-Identifier: MIT
//! What Rust does to a handle: drops anywhere, futures that are dropped or leaked, panics in callbacks. Each function is a
//! promise; its name is printed.
use animaldetect::executor::{block_on, block_on_all};
use animaldetect::{
    Canceler, Client, Error, HeldUntil, Hold, Job, LogLevel, Outcome, Pause, ResultKind, Run, Scope, Stage, Stat,
    State, Status, Step,
};
use std::future::Future;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

const IMAGE: &[u8] = b"\xff\xd8\xff\xe0 an image";

fn client() -> Client {
    let client = Client::from_env().unwrap();
    client.poll_bounds(Duration::from_millis(20), Duration::from_millis(200)).unwrap();
    client
}

/// A client of the service that this variable names.
fn client_at(variable: &str) -> Client {
    let client = client();
    client.base_url(&std::env::var(variable).unwrap()).unwrap();
    client
}

fn job(client: &Client, reference: &str) -> Job {
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.bytes(IMAGE).unwrap().client_reference_id(reference).unwrap();
    job
}

fn failure<T>(done: Result<T, Error>) -> Error {
    match done {
        Ok(_) => panic!("it did not fail"),
        Err(error) => error,
    }
}

struct Silent;

impl Wake for Silent {
    fn wake(self: Arc<Self>) {}
}

fn poll_once(run: &mut Run<'_>) -> bool {
    let waker = Waker::from(Arc::new(Silent));
    matches!(Pin::new(run).poll(&mut Context::from_waker(&waker)), Poll::Ready(_))
}

fn handles_may_be_sent_and_shared() {
    fn both<T: Send + Sync>() {}
    both::<Client>();
    both::<Job>();
    both::<Canceler>();
    both::<Outcome>();
    both::<Error>();
    fn sent<T: Send>() {}
    sent::<Run<'_>>();
}

fn what_is_dropped_in_any_order_is_freed() {
    let client = client();
    let mut first = job(&client, "order");
    let outcome = first.run().unwrap();
    let canceler = first.canceler();
    drop(client);
    drop(first);
    canceler.cancel();
    drop(canceler);
    let clone = outcome.clone();
    drop(outcome);
    assert!(!clone.json().is_empty());
}

fn a_future_that_is_dropped_cancels_its_call_and_the_job_runs_again() {
    let client = client();
    let mut job = job(&client, "dropped");
    let mut run = job.run_async();
    assert!(!poll_once(&mut run));
    assert_eq!(client.in_flight().unwrap(), 1);
    drop(run);
    assert_eq!(client.in_flight().unwrap(), 0);
    assert_eq!(job.status(), Status::CANCELED);
    block_on(&client, job.run_async()).unwrap().unwrap();
}

fn a_future_that_was_leaked_ends_before_its_job_is_read() {
    let client = client();
    let mut job = job(&client, "leaked");
    let mut run = job.run_async();
    assert!(!poll_once(&mut run));
    std::mem::forget(run);
    let _ = job.id();
    assert_eq!(client.in_flight().unwrap(), 0);
    assert_eq!(job.status(), Status::CANCELED);
    job.run().unwrap();
}

fn a_future_that_was_never_polled_has_begun_nothing() {
    let client = client();
    let mut job = job(&client, "never");
    drop(job.run_async());
    assert_eq!(job.stage(), Stage::NEW);
    assert_eq!(job.status(), Status::STATE);
}

fn a_future_is_woken_by_whoever_processes() {
    struct Flag(AtomicBool);
    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }
    let client = client();
    let mut job = job(&client, "woken");
    let mut run = job.run_async();
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(flag.clone());
    assert!(Pin::new(&mut run).poll(&mut Context::from_waker(&waker)).is_pending());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !flag.0.load(Ordering::Acquire) {
                client.process().unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
    });
    assert!(Pin::new(&mut run).poll(&mut Context::from_waker(&waker)).is_ready());
}

fn jobs_dropped_under_a_thread_that_processes_harm_nothing() {
    let client = client();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                client.process().unwrap();
            }
        });
        for number in 0..300 {
            let mut one = job(&client, &format!("chaos {}", number % 10));
            let mut run = one.run_async();
            let _ = poll_once(&mut run);
            if number % 3 == 0 {
                std::thread::sleep(Duration::from_micros(300));
            }
        }
        over.store(true, Ordering::Release);
    });
    assert_eq!(client.in_flight().unwrap(), 0);
    for number in 0..10 {
        job(&client, &format!("chaos {}", number)).run().unwrap();
    }
}

fn a_thousand_futures_need_no_thread_each() {
    let client = client();
    let all = (0..1000).map(|number| {
        let client = client.clone();
        Box::pin(async move { job(&client, &format!("many {}", number)).run_async().await.map(|_| ()) })
            as Pin<Box<dyn Future<Output = Result<(), Error>>>>
    });
    let done = block_on_all(&client, all).unwrap();
    assert_eq!(done.len(), 1000);
    assert!(done.iter().all(|one| one.is_ok()));
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    assert_eq!(threads, 1, "threads of a process with one executor");
}

fn the_failure_of_a_reader_is_the_source_of_the_error() {
    struct Pulled;
    impl Read for Pulled {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::Other, "the card was pulled"))
        }
    }
    impl Seek for Pulled {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let client = client();
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.filename("a.jpg").unwrap().reader(100, Pulled).unwrap();
    let error = failure(job.run());
    assert_eq!(error.status, Status::READER);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the card was pulled");
}

fn the_panic_of_a_reader_goes_on_in_the_caller() {
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("no card at all")
        }
    }
    impl Seek for Panics {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let client = client();
    let mut one = client.job(animaldetect::DETECT).unwrap();
    one.filename("a.jpg").unwrap().reader(100, Panics).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| one.run().map(|_| ()))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"no card at all"));
    job(&client, "after a panic").run().unwrap();
}

fn a_reader_starts_where_it_stands() {
    let client = client();
    let mut source = Cursor::new([b"12345", IMAGE].concat());
    source.set_position(5);
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.filename("a.jpg").unwrap().client_reference_id("reader").unwrap();
    job.reader(IMAGE.len() as u64, source).unwrap().run().unwrap();
}

fn bytes_that_are_shared_live_as_long_as_their_job() {
    let client = client();
    let image: Arc<[u8]> = Arc::from(IMAGE);
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.client_reference_id("shared").unwrap().bytes_owned(image.clone()).unwrap();
    assert_eq!(Arc::strong_count(&image), 2);
    assert_eq!(failure(job.bytes_owned(image.clone()).map(|_| ())).status, Status::STATE);
    assert_eq!(Arc::strong_count(&image), 2, "what was refused is dropped");
    job.run().unwrap();
    drop(job);
    assert_eq!(Arc::strong_count(&image), 1);
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.client_reference_id("owned").unwrap().bytes_owned(IMAGE.to_vec()).unwrap().run().unwrap();
}

fn a_restored_job_drops_the_image_that_another_replaced() {
    let client = client();
    let image: Arc<[u8]> = Arc::from(IMAGE);
    let saved = job(&client, "replaced").save().unwrap();
    let mut job = client.restore(&saved).unwrap();
    job.bytes_owned(image.clone()).unwrap();
    job.reader(IMAGE.len() as u64, Cursor::new(image.clone())).unwrap();
    assert_eq!(Arc::strong_count(&image), 2);
    job.run().unwrap();
    drop(job);
    assert_eq!(Arc::strong_count(&image), 1);
}

fn a_reader_is_dropped_once_and_outside_of_the_client() {
    struct Source(Cursor<&'static [u8]>, Client, Arc<AtomicUsize>);
    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl Seek for Source {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    impl Drop for Source {
        fn drop(&mut self) {
            self.1.in_flight().unwrap(); // the client may be called: it is not locked
            self.2.fetch_add(1, Ordering::Relaxed);
        }
    }
    let client = client();
    let dropped = Arc::new(AtomicUsize::new(0));
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.filename("a.jpg").unwrap().client_reference_id("reader dropped").unwrap();
    let source = Source(Cursor::new(IMAGE), client.clone(), dropped.clone());
    job.reader(IMAGE.len() as u64, source).unwrap().run().unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    drop(job);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

fn a_reader_may_fail_with_a_number_of_its_own() {
    struct Pulled;
    impl Read for Pulled {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::Other, Status(Status::HOST.0 - 7)))
        }
    }
    impl Seek for Pulled {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let client = client();
    let mut job = client.job(animaldetect::DETECT).unwrap();
    job.filename("a.jpg").unwrap().reader(100, Pulled).unwrap();
    let error = failure(job.run());
    assert_eq!((error.status, error.scope(), error.step), (Status(-1007), Scope::CALLER, Step::PREPARE));
    assert_eq!(error.name(), "ANIMALDETECT_E_HOST");
    assert!(std::error::Error::source(&error).is_some());
}

fn a_panic_in_the_log_ends_there() {
    let client = client();
    let lines = Arc::new(AtomicUsize::new(0));
    let counted = lines.clone();
    client
        .log(LogLevel::DEBUG, move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            panic!("the disk is full")
        })
        .unwrap();
    job(&client, "log").run().unwrap();
    assert!(lines.load(Ordering::Relaxed) > 0);
    drop(client);
    assert_eq!(Arc::strong_count(&lines), 1, "the log's function is freed with its client");
}

fn a_record_of_the_log_tells_all() {
    type Line = (LogLevel, Step, Option<u16>, Option<String>, Option<Duration>, Option<String>, Option<String>);
    let client = client();
    let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
    let kept = lines.clone();
    client
        .log(LogLevel::DEBUG, move |record| {
            let job = record.job.expect("every record of a call has its job");
            assert!(!record.text.is_empty() && job.operation() == Some("detect") && job.attempts() >= 0);
            kept.lock().unwrap().push((
                record.level,
                record.step,
                record.http_status,
                record.request_id.map(str::to_string),
                record.duration,
                job.id().map(str::to_string),
                job.note().map(str::to_string),
            ));
        })
        .unwrap();
    let mut one = job(&client, "records");
    one.note("row 7").unwrap().run().unwrap();
    client.no_log().unwrap();
    assert_eq!(Arc::strong_count(&lines), 1, "what heard it is dropped when it is replaced");
    job(&client, "silent").run().unwrap();
    let lines = lines.lock().unwrap();
    let fetched = lines.iter().find(|line| line.1 == Step::FETCH).expect("a record of the fetch");
    assert_eq!((fetched.0, fetched.2), (LogLevel::DEBUG, Some(200)));
    assert!(fetched.3.is_some() && fetched.4.is_some());
    assert_eq!((&fetched.5, fetched.6.as_deref()), (&one.id(), Some("row 7")));
    let last = lines.last().unwrap();
    assert_eq!((last.0, last.1), (LogLevel::INFO, Step::NONE));
}

fn a_call_from_inside_the_log_is_refused() {
    let client = client();
    let other = Arc::new(Mutex::new(job(&client, "inside the log")));
    let statuses: Arc<Mutex<Vec<Status>>> = Arc::default();
    let (inside, kept) = (other.clone(), statuses.clone());
    client
        .log(LogLevel::INFO, move |_| {
            kept.lock().unwrap().push(failure(inside.lock().unwrap().run()).status);
        })
        .unwrap();
    job(&client, "refuses").run().unwrap();
    assert_eq!(*statuses.lock().unwrap(), [Status::REENTRANT]);
    client.no_log().unwrap();
    other.lock().unwrap().run().unwrap();
}

fn a_client_that_is_stopped_ends_its_calls_and_begins_none() {
    let client = client();
    client.poll_bounds(Duration::from_secs(60), Duration::from_secs(60)).unwrap();
    let mut one = job(&client, "stopped");
    let stopped = std::thread::scope(|scope| {
        let stopper = client.clone();
        scope.spawn(move || {
            while stopper.statistic(Stat::REQUESTS_SUBMIT).unwrap() == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            stopper.stop().unwrap();
        });
        failure(one.run())
    });
    assert_eq!(stopped.status, Status::CANCELED);
    assert_eq!(failure(one.run()).status, Status::CANCELED);
    assert_eq!(failure(block_on(&client, one.run_async()).unwrap()).status, Status::CANCELED);
    assert!(one.id().is_some() && !one.save().unwrap().is_empty());
    self::client().restore(&one.save().unwrap()).unwrap().run().unwrap();
}

fn a_client_that_is_paused_begins_nothing_until_it_goes_on() {
    let client = client();
    client.pause(Pause::ALL).unwrap();
    let mut one = job(&client, "paused");
    one.call_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(failure(one.run()).status, Status::CALL_TIMEOUT);
    assert_eq!(client.statistic(Stat::REQUESTS_CREATE).unwrap(), 0);
    client.pause(Pause::NONE).unwrap().network_changed().unwrap();
    one.call_timeout(None).unwrap().run().unwrap();
    assert_eq!(failure(client.pause(Pause(99)).map(|_| ())).status, Status::INVALID_ARGUMENT);
}

fn more_calls_than_permitted_are_refused() {
    let client = client();
    client.max_jobs(std::num::NonZeroU32::new(1)).unwrap();
    let (mut first, mut second) = (job(&client, "queue 1"), job(&client, "queue 2"));
    let mut run = first.run_async();
    assert!(!poll_once(&mut run));
    let error = failure(second.run());
    assert_eq!((error.status, error.scope()), (Status::QUEUE_FULL, Scope::CALLER));
    drop(run);
    second.run().unwrap();
    client.max_jobs(None).unwrap();
}

fn a_client_is_configured_while_its_jobs_run() {
    let client = client();
    let mut one = job(&client, "configured");
    let mut run = one.run_async();
    assert!(!poll_once(&mut run));
    client.max_tries(2).unwrap().max_requests(2).unwrap().rate_limit(600, 10).unwrap();
    client.add_header("traceparent", "00-1").unwrap().add_header("traceparent", "").unwrap();
    client.offline_patience(None).unwrap().offline_patience(Some(Duration::ZERO)).unwrap();
    client.processing_timeout(None).unwrap().processing_timeout(Some(Duration::from_secs(3600))).unwrap();
    assert_eq!(failure(client.max_retry_after(Duration::ZERO).map(|_| ())).status, Status::INVALID_ARGUMENT);
    assert_eq!(failure(client.user_agent("late/1").map(|_| ())).status, Status::STATE);
    assert_eq!(failure(client.add_header("Authorization", "no").map(|_| ())).status, Status::INVALID_ARGUMENT);
    block_on(&client, run).unwrap().unwrap();
}

fn a_cancel_before_a_call_that_blocks_is_not_missed() {
    let client = client();
    let mut one = job(&client, "canceled before");
    one.canceler().cancel();
    assert_eq!(failure(one.run()).status, Status::CANCELED);
    one.canceler().cancel();
    block_on(&client, one.run_async()).unwrap().unwrap();
}

fn a_future_that_is_dropped_after_its_end_leaves_no_cancel_behind() {
    let client = client();
    let mut one = job(&client, "ended");
    let mut run = one.run_async();
    assert!(!poll_once(&mut run));
    while client.in_flight().unwrap() > 0 {
        client.process().unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(run);
    one.fetch().unwrap();
}

fn what_a_job_is_about_can_be_read() {
    let client = client();
    let mut one = job(&client, "getters");
    one.filename("a.jpg").unwrap().rerun(2).unwrap().priority(7).unwrap().note("row 9").unwrap();
    assert_eq!(one.operation().as_deref(), Some("detect"));
    assert_eq!(one.filename_in_use().as_deref(), Some("a.jpg"));
    assert_eq!(one.client_reference_id_in_use().as_deref(), Some("getters"));
    assert_eq!((one.rerun_number(), one.priority_in_use()), (2, 7));
    assert!(one.path().is_none() && one.source_url_in_use().is_none() && one.result_json().is_none());
    let mut restored = client.restore(&one.save().unwrap()).unwrap();
    assert_eq!((restored.note_in_use().as_deref(), restored.priority_in_use()), (Some("row 9"), 7));
    restored.note("").unwrap();
    assert_eq!(restored.note_in_use(), None);
    let mut public = client.job(animaldetect::DETECT).unwrap();
    public.source_url("https://example.com/a.jpg").unwrap();
    assert_eq!(public.source_url_in_use().as_deref(), Some("https://example.com/a.jpg"));
    let mut file = client.job(animaldetect::DETECT).unwrap();
    file.file("some/where.jpg").unwrap();
    assert_eq!(file.path().as_deref(), Some(std::path::Path::new("some/where.jpg")));
}

fn the_result_is_there_as_the_service_sent_it() {
    let client = client();
    let mut one = job(&client, "bytes of the result");
    let outcome = one.run().unwrap();
    assert_eq!(outcome.kind(), ResultKind::DETECTIONS);
    assert_eq!(one.result_json().as_deref(), Some(outcome.json().as_bytes()));
    assert!(one.attempts() > 0 && one.polls() > 0 && one.upload_total() == IMAGE.len() as u64);
    assert!(one.sha256_in_use().is_some() && one.state_text() == "succeeded");
}

fn a_rerun_is_another_job_of_the_same_image() {
    let client = client_at("FAILING_URL");
    let mut one = job(&client, "rerun");
    assert_eq!(failure(one.begin_rerun().map(|_| ())).status, Status::STATE); // no call was made yet
    assert_eq!(failure(one.run()).status, Status::JOB_FAILED);
    let (id, key) = (one.id(), one.idempotency_key_in_use());
    assert_eq!((one.stage(), one.state(), one.rerun_number()), (Stage::FINISHED, State::FAILED, 0));
    one.begin_rerun().unwrap();
    assert_eq!((one.stage(), one.state(), one.rerun_number(), one.id()), (Stage::NEW, State::NONE, 1, None));
    assert_eq!(failure(one.run()).status, Status::JOB_FAILED);
    assert!(one.id().is_some() && one.id() != id && one.idempotency_key_in_use() != key);
    let mut restored = client.restore(&one.save().unwrap()).unwrap();
    assert_eq!(restored.begin_rerun().unwrap().rerun_number(), 2);
}

fn a_future_that_was_leaked_ends_before_its_job_begins_anew() {
    let client = client();
    let mut one = job(&client, "leaked, then anew");
    let mut run = one.run_async();
    assert!(!poll_once(&mut run));
    std::mem::forget(run);
    one.begin_rerun().unwrap();
    assert_eq!((client.in_flight().unwrap(), one.rerun_number()), (0, 1));
}

fn a_retry_after_of_the_service_is_a_hold() {
    let client = client_at("LIMITED_URL");
    client.max_retry_after(Duration::from_secs(1800)).unwrap();
    assert_eq!((client.hold_reason(), client.held_until()), (Hold::NONE, None));
    let mut one = job(&client, "held");
    assert_eq!(failure(one.call_timeout(Some(Duration::from_secs(5))).unwrap().run()).status, Status::CALL_TIMEOUT);
    let left = || match client.held_until() {
        Some(HeldUntil::Time(until)) => until.duration_since(SystemTime::now()).unwrap().as_secs(),
        other => panic!("{:?}", other),
    };
    assert_eq!(client.hold_reason(), Hold::RATE_LIMIT);
    assert!((1700..=1801).contains(&left()), "{}", left());
    client.max_retry_after(Duration::from_secs(60)).unwrap().resume().unwrap(); // that is no matter of the account
    assert_eq!(client.hold_reason(), Hold::RATE_LIMIT);
    assert!(left() <= 61, "{}", left());
}

fn a_refused_key_holds_creates_until_another_is_set() {
    let client = client();
    client.api_key("sk_test_wrong").unwrap();
    assert_eq!(failure(job(&client, "refused").run()).status, Status::UNAUTHORIZED);
    assert_eq!((client.hold_reason(), client.held_until()), (Hold::ACCOUNT, Some(HeldUntil::Host)));
    assert_eq!(failure(job(&client, "refused at once").run()).status, Status::UNAUTHORIZED);
    assert_eq!(client.statistic(Stat::REQUESTS_CREATE).unwrap(), 1);
    client.resume().unwrap();
    assert_eq!(failure(job(&client, "asked again").run()).status, Status::UNAUTHORIZED);
    assert_eq!(client.statistic(Stat::REQUESTS_CREATE).unwrap(), 2);
    let mut waits = job(&client, "waits");
    let mut run = waits.run_async();
    assert!(!poll_once(&mut run));
    client.process().unwrap();
    assert!(!poll_once(&mut run));
    assert_eq!(client.statistic(Stat::REQUESTS_CREATE).unwrap(), 2);
    client.api_key(&std::env::var("AD_API_KEY").unwrap()).unwrap();
    block_on(&client, run).unwrap().unwrap();
    assert_eq!((client.hold_reason(), client.held_until()), (Hold::NONE, None));
}

fn a_failure_says_whose_matter_it_is() {
    for (status, scope) in [
        (Status::OK, Scope::NONE),
        (Status::QUEUE_FULL, Scope::CALLER),
        (Status::IMAGE_TYPE, Scope::IMAGE),
        (Status::JOB_FAILED, Scope::JOB),
        (Status::PAYMENT_REQUIRED, Scope::ACCOUNT),
        (Status::TLS, Scope::NETWORK),
        (Status::SERVICE, Scope::SERVICE),
        (Status(-999), Scope::OTHER),
    ] {
        assert_eq!(status.scope(), scope, "{:?}", status);
    }
    let client = client();
    let error = failure(client.job(animaldetect::DETECT).unwrap().bytes(b"neither JPEG nor PNG").unwrap().run());
    assert_eq!((error.status, error.scope()), (Status::IMAGE_TYPE, Scope::IMAGE));
}

fn every_statistic_has_a_name() {
    let client = client();
    job(&client, "statistics").run().unwrap();
    let all = client.statistics().unwrap();
    assert!(all.len() > Stat::ITERATIONS.0 as usize);
    assert_eq!((all[0].which, all[0].name, all[0].is_gauge), (Stat::REQUESTS_CREATE, "requests_create", false));
    assert_eq!(all[0].value, 1);
    assert!(Stat::HOLD_MS.is_gauge() && Stat(9999).name().is_none());
}

fn the_library_tells_what_it_can_do() {
    let features: std::collections::HashMap<_, _> = animaldetect::features().collect();
    assert!(["libcurl", "libsodium", "jansson", "tls"].iter().all(|name| !features[name].is_empty()));
    assert!(matches!(features["reactor"], "epoll" | "poll"));
}

fn a_job_may_be_dropped_inside_the_log() {
    let client = client();
    let other = Arc::new(Mutex::new(Some(job(&client, "inside"))));
    let inside = other.clone();
    let dropped = Arc::new(AtomicBool::new(false));
    let seen = dropped.clone();
    client
        .log(LogLevel::DEBUG, move |_| {
            if let Some(job) = inside.lock().unwrap().take() {
                drop(job);
                seen.store(true, Ordering::Relaxed);
            }
        })
        .unwrap();
    job(&client, "outside").run().unwrap();
    assert!(dropped.load(Ordering::Relaxed));
    assert_eq!(client.in_flight().unwrap(), 0);
}

fn a_refusal_keeps_its_message_in_every_thread() {
    let client = client();
    std::thread::scope(|scope| {
        for (act, word) in [
            ((|job: &mut Job| job.threshold(7.0).map(|_| ())) as fn(&mut Job) -> Result<(), Error>, "threshold"),
            (|job: &mut Job| job.location(91.0, 0.0).map(|_| ()), "latitude"),
            (|job: &mut Job| job.top_candidate(-1).map(|_| ()), "candidate"),
        ] {
            let client = &client;
            scope.spawn(move || {
                let mut job = client.job(animaldetect::DETECT).unwrap();
                for _ in 0..500 {
                    let error = failure(act(&mut job));
                    assert!(error.message.contains(word), "{}", error);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..500 {
                let _ = failure(client.job("no operation").map(|_| ())).to_string();
            }
        });
    });
}

fn text_with_a_nul_is_refused_and_not_cut() {
    let client = client();
    let mut job = client.job(animaldetect::DETECT).unwrap();
    assert_eq!(failure(job.file("a.jpg\0.png").map(|_| ())).status, Status::INVALID_ARGUMENT);
    assert_eq!(failure(job.country("USA\0").map(|_| ())).status, Status::INVALID_ARGUMENT);
}

fn a_value_of_a_newer_library_has_no_name_and_is_no_error() {
    assert_eq!(format!("{:?}", Status(-999)), "OTHER(-999)");
    assert_eq!(format!("{:?}", Stage::UPLOADED), "UPLOADED");
}

fn what_is_absent_is_none() {
    let outcome = Outcome::parse("{\"annotations\":[{\"id\":0}]}").unwrap();
    assert!(outcome.image_width().is_none() && outcome.threshold().is_none() && outcome.country().is_none());
    let seen = outcome.detections().next().unwrap();
    assert!(seen.label().is_none() && seen.score().is_none() && seen.bounding_box().is_none());
    assert_eq!(failure(Outcome::parse("[")).status, Status::PROTOCOL);
}

macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        [$((stringify!($name), $name as fn())),*]
    };
}

fn main() {
    let mut failed = 0;
    std::panic::set_hook(Box::new(|_| {})); // promises panic on purpose; the others' words are printed below
    for (name, act) in promises![
        a_thousand_futures_need_no_thread_each,
        handles_may_be_sent_and_shared,
        what_is_dropped_in_any_order_is_freed,
        a_future_that_is_dropped_cancels_its_call_and_the_job_runs_again,
        a_future_that_was_leaked_ends_before_its_job_is_read,
        a_future_that_was_never_polled_has_begun_nothing,
        a_future_is_woken_by_whoever_processes,
        jobs_dropped_under_a_thread_that_processes_harm_nothing,
        the_failure_of_a_reader_is_the_source_of_the_error,
        the_panic_of_a_reader_goes_on_in_the_caller,
        a_reader_starts_where_it_stands,
        bytes_that_are_shared_live_as_long_as_their_job,
        a_restored_job_drops_the_image_that_another_replaced,
        a_reader_is_dropped_once_and_outside_of_the_client,
        a_reader_may_fail_with_a_number_of_its_own,
        a_panic_in_the_log_ends_there,
        a_record_of_the_log_tells_all,
        a_call_from_inside_the_log_is_refused,
        a_client_that_is_stopped_ends_its_calls_and_begins_none,
        a_client_that_is_paused_begins_nothing_until_it_goes_on,
        more_calls_than_permitted_are_refused,
        a_client_is_configured_while_its_jobs_run,
        a_cancel_before_a_call_that_blocks_is_not_missed,
        a_future_that_is_dropped_after_its_end_leaves_no_cancel_behind,
        what_a_job_is_about_can_be_read,
        the_result_is_there_as_the_service_sent_it,
        a_rerun_is_another_job_of_the_same_image,
        a_future_that_was_leaked_ends_before_its_job_begins_anew,
        a_retry_after_of_the_service_is_a_hold,
        a_refused_key_holds_creates_until_another_is_set,
        a_failure_says_whose_matter_it_is,
        every_statistic_has_a_name,
        the_library_tells_what_it_can_do,
        a_job_may_be_dropped_inside_the_log,
        a_refusal_keeps_its_message_in_every_thread,
        text_with_a_nul_is_refused_and_not_cut,
        a_value_of_a_newer_library_has_no_name_and_is_no_error,
        what_is_absent_is_none,
    ] {
        match catch_unwind(act) {
            Ok(()) => println!("ok {}", name),
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                let words = words.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
                println!("not ok {}: {}", name, words.unwrap_or_default());
                failed += 1;
            }
        }
    }
    std::process::exit(i32::from(failed > 0));
}
