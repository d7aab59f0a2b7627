// SPDX-License-Identifier: MIT
//! Everything that the crate does, against the emulator or the service; it judges its own results.
//!
//!     AD_API_KEY=... AD_API_BASE_URL=... demo FOLDER
//!
//! Sends the images of the folder (examples/images). Prints a line per part, and one with the number of jobs that the
//! service should have counted. The exit code is 0 when all is well.
use animaldetect::executor::{block_on, block_on_all};
use animaldetect::{
    Client, Error, HeldUntil, Hold, Job, LogLevel, Outcome, Pause, PollMode, Stage, State, Status, Step,
};
use std::collections::BTreeSet;
use std::future::Future;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MANY: usize = 200;

type Words = Result<String, Box<dyn std::error::Error>>;

fn client() -> Result<Client, Error> {
    let client = Client::from_env()?;
    client.poll_mode(PollMode::LATENCY)?.poll_bounds(Duration::from_millis(20), Duration::from_millis(200))?;
    Ok(client)
}

fn failure<T>(done: Result<T, Error>) -> Error {
    match done {
        Ok(_) => panic!("it did not fail"),
        Err(error) => error,
    }
}

struct Demo {
    images: Vec<PathBuf>,
    jobs: Mutex<BTreeSet<String>>,
}

impl Demo {
    fn new(folder: &Path) -> std::io::Result<Demo> {
        let mut images = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if matches!(path.extension().and_then(|kind| kind.to_str()), Some("jpg" | "png")) {
                images.push(path);
            }
        }
        images.sort();
        assert!(!images.is_empty(), "the folder has no image");
        Ok(Demo { images, jobs: Mutex::new(BTreeSet::new()) })
    }

    fn first(&self) -> &Path {
        &self.images[0]
    }

    fn remember(&self, job: &Job) {
        self.jobs.lock().unwrap().insert(job.id().expect("the service knows the job"));
    }

    fn one_image(&self) -> Words {
        let lines = Arc::new(AtomicUsize::new(0));
        let counted = lines.clone();
        let client = client()?;
        client.log(LogLevel::INFO, move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        })?;
        let mut job = client.job(animaldetect::DETECT)?;
        let outcome = job.file(self.first())?.metadata(true)?.run()?;
        self.remember(&job);
        assert!(job.state() == State::SUCCEEDED && job.stage() == Stage::FETCHED);
        assert_eq!(Outcome::parse(outcome.json())?.json(), outcome.json());
        assert!(lines.load(Ordering::Relaxed) > 0);
        let seen: Vec<String> = outcome
            .detections()
            .map(|one| format!("{} {:.2}", one.label().unwrap_or("?"), one.score().unwrap_or(0.0)))
            .collect();
        Ok(seen.join(", "))
    }

    fn threads(&self) -> Words {
        let client = client()?;
        client.max_requests(16)?;
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(image) = self.images.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut job = client.job(animaldetect::DETECT).unwrap();
                        job.file(image).unwrap().client_reference_id("threads").unwrap().run().unwrap();
                        self.remember(&job);
                    }
                });
            }
        });
        assert_eq!(client.in_flight()?, 0);
        Ok(format!("{} images by 4 threads on one client", self.images.len()))
    }

    async fn sent(&self, client: &Client, reference: String) -> Result<(), Error> {
        let mut job = client.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id(&reference)?.run_async().await?;
        self.remember(&job);
        Ok(())
    }

    fn futures(&self) -> Words {
        let client = client()?;
        let all = (0..MANY).map(|number| {
            Box::pin(self.sent(&client, format!("future {}", number))) as Pin<Box<dyn Future<Output = _> + '_>>
        });
        for done in block_on_all(&client, all)? {
            done?;
        }
        let middle = client.latency(Step::NONE, 0.5)?.expect("jobs were measured");
        Ok(format!("{} jobs at once on one thread; the middle one took {:.2} s", MANY, middle.as_secs_f64()))
    }

    fn reader(&self) -> Words {
        let client = client()?;
        let file = std::fs::File::open(self.first())?;
        let size = file.metadata()?.len();
        let mut job = client.job(animaldetect::DETECT)?;
        job.filename("read.png")?.client_reference_id("reader")?.reader(size, file)?.run()?;
        self.remember(&job);
        Ok(format!("{} bytes from a file that the host opened", size))
    }

    fn errors(&self) -> Words {
        let client = client()?;
        let stranger = self::client()?;
        stranger.api_key("sk_test_wrong")?;
        let refused = failure(stranger.job(animaldetect::DETECT)?.file(self.first())?.run());
        assert_eq!(
            (refused.status, refused.http_status, refused.step),
            (Status::UNAUTHORIZED, Some(401), Step::CREATE)
        );
        assert!(refused.service_message.is_some() && !refused.is_retriable());
        assert_eq!((stranger.hold_reason(), stranger.held_until()), (Hold::ACCOUNT, Some(HeldUntil::Host)));
        stranger.resume()?; // or `api_key`: jobs may be created again
        assert_eq!((stranger.hold_reason(), stranger.held_until()), (Hold::NONE, None));
        let missing = failure(client.job(animaldetect::DETECT)?.file("no such file.jpg")?.run());
        assert!(missing.status == Status::FILE && missing.message.contains("no such file.jpg"));
        assert_eq!(
            failure(client.job(animaldetect::DETECT)?.threshold(7.0).map(|_| ())).status,
            Status::INVALID_ARGUMENT
        );
        Ok(refused.to_string())
    }

    fn cancel(&self) -> Words {
        let client = client()?;
        let mut job = client.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id("stopped")?;
        let canceler = job.canceler();
        let stopped = std::thread::scope(|scope| {
            let running = scope.spawn(|| failure(job.run()));
            while !running.is_finished() {
                canceler.cancel();
                std::thread::sleep(Duration::from_millis(1));
            }
            running.join().unwrap()
        });
        assert_eq!(stopped.status, Status::CANCELED);
        job.run()?; // the service goes on meanwhile; running it again finds the same job
        self.remember(&job);
        job = client.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id("late")?.call_timeout(Some(Duration::from_millis(1)))?;
        assert_eq!(failure(job.run()).status, Status::CALL_TIMEOUT);
        job.call_timeout(None)?.run()?;
        self.remember(&job);
        Ok(format!("stopped at stage {:?}, then run to its end", stopped.stage))
    }

    fn control(&self) -> Words {
        let client = client()?;
        client.pause(Pause::ALL)?.max_jobs(NonZeroU32::new(10))?.add_header("traceparent", "00-1")?;
        let mut job = client.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id("paused")?.note("row 7")?.priority(-1)?;
        job.call_timeout(Some(Duration::from_millis(20)))?;
        assert_eq!(failure(job.run()).status, Status::CALL_TIMEOUT);
        assert_eq!((job.stage(), job.note_in_use().as_deref()), (Stage::NEW, Some("row 7")));
        client.pause(Pause::NONE)?.network_changed()?;
        job.call_timeout(None)?.run()?;
        self.remember(&job);
        client.stop()?;
        let stopped = failure(client.job(animaldetect::DETECT)?.file(self.first())?.run());
        assert_eq!(stopped.status, Status::CANCELED);
        let told: Vec<String> = client
            .statistics()?
            .iter()
            .filter(|one| one.value > 0 && !one.is_gauge)
            .map(|one| format!("{} {}", one.name, one.value))
            .collect();
        Ok(format!("paused, run, stopped; {}", told.join(", ")))
    }

    fn rerun(&self) -> Words {
        let client = client()?;
        let mut job = client.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id("rerun")?.run()?;
        self.remember(&job);
        job.begin_rerun()?;
        assert_eq!((job.stage(), job.id(), job.rerun_number()), (Stage::NEW, None, 1));
        job.run()?;
        self.remember(&job);
        Ok(format!("another job for the same image, with number {}", job.rerun_number()))
    }

    fn save_and_restore(&self) -> Words {
        let first = client()?;
        let mut job = first.job(animaldetect::DETECT)?;
        job.file(self.first())?.client_reference_id("saved")?.create()?;
        job.upload()?;
        let (saved, id) = (job.save()?, job.id());
        let mut other = first.job(animaldetect::DETECT)?;
        other.file(self.first())?.client_reference_id("attached")?.create()?;
        other.upload()?;
        other.submit()?;
        self.remember(&job);
        self.remember(&other);
        let submitted = other.id().expect("it was created");
        drop((job, other, first));
        assert!(!saved.contains(&std::env::var("AD_API_KEY")?));
        let second = client()?;
        let mut job = second.restore(&saved)?;
        block_on(&second, job.run_async())??;
        assert_eq!(job.id(), id);
        second.attach(&submitted)?.run()?;
        Ok(format!("{} bytes of JSON, finished by another client", saved.len()))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "examples/images".to_string());
    let demo = Demo::new(Path::new(&folder))?;
    println!("libanimaldetect {}", animaldetect::version());
    println!("one image: {}", demo.one_image()?);
    println!("threads: {}", demo.threads()?);
    println!("futures: {}", demo.futures()?);
    println!("reader: {}", demo.reader()?);
    println!("errors: {}", demo.errors()?);
    println!("cancel: {}", demo.cancel()?);
    println!("control: {}", demo.control()?);
    println!("rerun: {}", demo.rerun()?);
    println!("save and restore: {}", demo.save_and_restore()?);
    println!("expected jobs: {}", demo.jobs.lock().unwrap().len());
    Ok(())
}
