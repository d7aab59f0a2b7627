// SPDX-License-Identifier: MIT
//! What Rust does to a handle: drops anywhere, futures that are dropped or leaked, panics in callbacks. Each function is a
//! promise; its name is printed.
use animaldetect::executor::{block_on, block_on_all};
use animaldetect::{Canceler, Client, Error, Job, LogLevel, Outcome, Run, Stage, Status};
use std::future::Future;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

const IMAGE: &[u8] = b"\xff\xd8\xff\xe0 an image";

fn client() -> Client {
    let client = Client::from_env().unwrap();
    client.poll_bounds(Duration::from_millis(20), Duration::from_millis(200)).unwrap();
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
    job.client_reference_id("shared").unwrap().bytes_shared(image.clone()).unwrap();
    assert_eq!(Arc::strong_count(&image), 2);
    job.run().unwrap();
    drop(job);
    assert_eq!(Arc::strong_count(&image), 1);
}

fn a_panic_in_the_log_ends_there() {
    let client = client();
    let lines = Arc::new(AtomicUsize::new(0));
    let counted = lines.clone();
    client
        .log(LogLevel::DEBUG, move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            panic!("the disk is full")
        })
        .unwrap();
    job(&client, "log").run().unwrap();
    assert!(lines.load(Ordering::Relaxed) > 0);
    drop(client);
    assert_eq!(Arc::strong_count(&lines), 1, "the log's function is freed with its client");
}

fn a_job_may_be_dropped_inside_the_log() {
    let client = client();
    let other = Arc::new(Mutex::new(Some(job(&client, "inside"))));
    let inside = other.clone();
    let dropped = Arc::new(AtomicBool::new(false));
    let seen = dropped.clone();
    client
        .log(LogLevel::DEBUG, move |_, _| {
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

fn a_refusal_keeps_its_own_words_in_every_thread() {
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
    assert_eq!(failure(Outcome::parse("[]")).status, Status::PROTOCOL);
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
        a_panic_in_the_log_ends_there,
        a_job_may_be_dropped_inside_the_log,
        a_refusal_keeps_its_own_words_in_every_thread,
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
