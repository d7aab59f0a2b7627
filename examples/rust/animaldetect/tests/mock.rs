// SPDX-License-Identifier: MIT
//! How to test a program that uses this crate: its own function gets the client from outside, and the test gives it one on
//! the service in memory. No socket, no waiting.
use animaldetect::executor::block_on_all;
use animaldetect::mock::{Failure, Mock};
use animaldetect::{Client, Error, Outcome, Status, DETECT};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

// ---- the program: counts the animals of some images ----

#[derive(Debug, Default)]
struct Report {
    animals: BTreeMap<String, usize>,
    later: Vec<String>, // to be tried again
    bad: Vec<String>,   // for a person to look at
}

const IMAGES: [(&str, &[u8]); 2] =
    [("a.jpg", b"\xff\xd8\xff\xe0 the first"), ("b.jpg", b"\xff\xd8\xff\xe0 the second")];

fn import(client: &Client) -> Result<Report, Error> {
    type Run<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + 'a>>;
    let all = IMAGES.iter().map(|(name, image)| {
        Box::pin(async move { client.job(DETECT)?.bytes(image)?.filename(name)?.run_async().await }) as Run<'_>
    });
    let mut report = Report::default();
    for (outcome, (name, _)) in block_on_all(client, all)?.into_iter().zip(IMAGES) {
        match outcome {
            Ok(outcome) => {
                for seen in outcome.detections() {
                    *report.animals.entry(seen.label().unwrap_or("unknown").to_string()).or_default() += 1;
                }
            }
            Err(error) if error.is_retriable() => report.later.push(name.to_string()),
            Err(_) => report.bad.push(name.to_string()),
        }
    }
    Ok(report)
}

// ---- its tests ----

fn service() -> (Mock, Client) {
    let service = Mock::new().unwrap();
    service.auto_advance(true).unwrap(); // the program has an event loop
    let client = service.client().unwrap();
    (service, client)
}

#[test]
fn every_image_is_counted() {
    let (service, client) = service();
    let report = import(&client).unwrap();
    assert!(!report.animals.is_empty() && report.later.is_empty() && report.bad.is_empty(), "{report:?}");
    assert_eq!(service.jobs().len(), 2);
    assert_eq!(service.job_state(&service.jobs()[0]).as_deref(), Some("succeeded"));
    assert!(service.violations().is_empty());
}

#[test]
fn an_hour_behind_a_portal_only_delays() {
    let (service, client) = service();
    client.offline_patience(None).unwrap();
    service.add_fault("any:html:status=511:edge=1:end=3600000").unwrap();
    let begin = service.now();
    let report = import(&client).unwrap();
    assert!(report.later.is_empty() && report.bad.is_empty(), "{report:?}");
    assert!(service.now() - begin >= Duration::from_secs(3600));
    assert_eq!(service.jobs().len(), 2);
}

#[test]
fn a_lost_answer_bills_nothing_twice() {
    let (service, client) = service();
    service.add_fault("create:reset-after:n=1").unwrap().fail("upload", 1, Failure::Broken).unwrap();
    let report = import(&client).unwrap();
    assert!(report.later.is_empty() && report.bad.is_empty(), "{report:?}");
    assert_eq!(service.jobs().len(), 2);
}

#[test]
fn what_the_service_refuses_is_for_a_person() {
    let (service, client) = service();
    let body = r#"{"error":{"code":"bad_image","message":"not an image"}}"#;
    service.answer("create", 1, 400, "X-Request-Id: r-1", body).unwrap();
    let report = import(&client).unwrap();
    assert!(report.bad.len() == 1 && report.later.is_empty(), "{report:?}");
    let refused = &service.requests("create")[0];
    assert!(refused.http_status == Some(400) && refused.idempotency_key.is_some(), "{refused:?}");
}

#[test]
fn a_client_of_the_programs_own_is_served_too() {
    let service = Mock::new().unwrap();
    let client = Client::new("sk_test_mock").unwrap();
    service.serve(&client).unwrap();
    let outcome = client.job(DETECT).unwrap().bytes(IMAGES[0].1).unwrap().run().unwrap();
    assert!(outcome.detections().len() > 0, "{outcome:?}");
    drop(service); // the client keeps what it needs
    client.job(DETECT).unwrap().bytes(IMAGES[1].1).unwrap().run().unwrap();
}

#[test]
fn a_refusal_has_words() {
    let service = Mock::new().unwrap();
    let error = service.add_fault("nonsense").unwrap_err();
    assert!(error.status == Status::INVALID_ARGUMENT && !error.message.is_empty(), "{error:?}");
}

#[test]
fn a_leaked_future_is_no_obstacle_to_the_next_one() {
    let (service, client) = service();
    let mut job = client.job(DETECT).unwrap();
    job.bytes(IMAGES[0].1).unwrap();
    for _ in 0..3 {
        let mut leaked = Box::pin(job.run_async());
        let waker = std::sync::Arc::new(Silent).into();
        assert!(leaked.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        std::mem::forget(leaked);
    }
    let outcome = animaldetect::executor::block_on(&client, job.run_async()).unwrap().unwrap();
    assert!(outcome.detections().len() > 0 && service.jobs().len() == 1, "{outcome:?}");
    assert_eq!(client.in_flight().unwrap(), 0);
}

#[test]
fn dropped_futures_send_nothing_more() {
    let (service, client) = service();
    let mut futures: Vec<_> = (0..200)
        .map(|number| {
            let client = client.clone();
            Box::pin(async move {
                let mut job = client.job(DETECT).unwrap();
                job.bytes(IMAGES[0].1).unwrap().client_reference_id(&number.to_string()).unwrap();
                job.run_async().await
            })
        })
        .collect();
    let waker = std::sync::Arc::new(Silent).into();
    let mut context = std::task::Context::from_waker(&waker);
    for future in &mut futures {
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert!(service.requests("any").is_empty(), "only Client::process sends");
    client.process().unwrap();
    let sent = service.requests("any").len();
    assert!(sent > 0);
    drop(futures);
    assert_eq!(service.requests("any").len(), sent);
    assert_eq!(client.in_flight().unwrap(), 0);
}

#[test]
fn requests_wait_for_permits() {
    let service = Mock::new().unwrap();
    let client = service.client().unwrap();
    client.permits(true).unwrap().permit_lag(Duration::from_secs(5)).unwrap();
    let mut job = client.job(DETECT).unwrap();
    job.bytes(IMAGES[0].1).unwrap().call_timeout(Some(Duration::from_secs(1))).unwrap();
    assert_eq!(job.run().unwrap_err().status, Status::CALL_TIMEOUT);
    assert!(service.requests("any").is_empty());
    client.grant_permits(20, Duration::from_secs(60)).unwrap();
    job.call_timeout(None).unwrap().run().unwrap();
    let (settled, outstanding) = client.report_permits(100).unwrap();
    assert!(settled.len() >= 4 && settled.len() + outstanding as usize == 20, "{settled:?} {outstanding}");
    assert_eq!(client.permits_wanted().unwrap(), 0);
    assert_eq!(client.return_permits(100).unwrap(), outstanding);
    assert_eq!(client.take_rate_limits().unwrap().0, 0);
    client.hold_requests(Duration::from_secs(30)).unwrap();
    assert_eq!(client.hold_reason(), animaldetect::Hold::RATE_LIMIT);
}

struct Silent;

impl std::task::Wake for Silent {
    fn wake(self: std::sync::Arc<Self>) {}
}

#[test]
fn what_a_user_sends_between_threads_may_be_sent() {
    fn may<T: Send + Sync + std::fmt::Debug>() {}
    may::<Client>();
    may::<animaldetect::Job>();
    may::<Outcome>();
    may::<Error>();
    may::<animaldetect::Canceler>();
    may::<animaldetect::Run<'static>>();
    may::<animaldetect::Detection<'static>>();
    may::<animaldetect::Detections<'static>>();
    may::<animaldetect::Candidate<'static>>();
    may::<animaldetect::Candidates<'static>>();
    may::<Mock>();
    // The detections of one image, held over an await in a task that may move between threads.
    fn spawn(_: impl Future<Output = ()> + Send + 'static) {}
    let (_service, client) = service();
    spawn(async move {
        let mut job = client.job(DETECT).unwrap();
        let outcome = job.run_async().await.unwrap();
        for seen in outcome.detections() {
            std::future::ready(()).await;
            let _ = seen.label();
        }
    });
}
