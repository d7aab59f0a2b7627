// SPDX-License-Identifier: MIT

//! Rust for the bench of the bindings: futures on the crate's executor, one for each job in flight. See loop.c.
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

struct Load {
    client: animaldetect::Client,
    jobs: u64,
    started: Cell<u64>,
    done: Cell<u64>,
    found: Cell<u64>,
    early_kib: Cell<u64>,
}

fn rss_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4
}

async fn work(load: &Load) -> Result<(), animaldetect::Error> {
    while load.started.get() < load.jobs {
        let mut image = b"\xff\xd8\xff\xe0 rs ".to_vec();
        image.extend_from_slice(load.started.get().to_string().as_bytes());
        image.resize(2048, 7);
        load.started.set(load.started.get() + 1);
        let mut job = load.client.job(animaldetect::DETECT)?;
        job.bytes(&image)?;
        let outcome = job.run_async().await?;
        for seen in outcome.detections() {
            if seen.label().is_some() && seen.score().is_some() {
                load.found.set(load.found.get() + 1);
            }
        }
        load.done.set(load.done.get() + 1);
        if load.done.get() == 5000 {
            load.early_kib.set(rss_kib());
        }
    }
    Ok(())
}

fn main() -> Result<(), animaldetect::Error> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let client = animaldetect::Client::from_env()?;
    client
        .max_requests(64)?
        .poll_mode(animaldetect::PollMode::LATENCY)?
        .poll_bounds(Duration::from_millis(10), Duration::from_millis(100))?;
    let zero = || Cell::new(0);
    let load = Load { client, jobs: numbers[0], started: zero(), done: zero(), found: zero(), early_kib: zero() };
    let workers = (0..numbers[1]).map(|_| Box::pin(work(&load)) as Pin<Box<dyn Future<Output = _> + '_>>);
    for ended in animaldetect::executor::block_on_all(&load.client, workers)? {
        ended?;
    }
    println!(
        "{{\"jobs\": {}, \"found\": {}, \"early_kib\": {}, \"rss_kib\": {}}}",
        load.done.get(),
        load.found.get(),
        load.early_kib.get(),
        rss_kib()
    );
    Ok(())
}
