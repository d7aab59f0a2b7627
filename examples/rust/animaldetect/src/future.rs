// SPDX-License-Identifier: MIT
//! A job's run as a future.
use crate::error::Error;
use crate::job::Job;
use crate::result::Outcome;
use crate::sys;
use crate::values::Status;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Made by `Job::run_async`. Begins when it is first polled.
#[must_use = "a future does nothing unless it is polled"]
pub struct Run<'job> {
    job: &'job mut Job,
    started: bool,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Run").field("started", &self.started).finish_non_exhaustive()
    }
}

impl<'job> Run<'job> {
    pub(crate) fn new(job: &'job mut Job) -> Run<'job> {
        Run { job, started: false }
    }
}

impl Future for Run<'_> {
    type Output = Result<Outcome, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = self.job.handle();
        if !self.started {
            self.job.quiet(); // an earlier future that was leaked
        }
        // Before the status is read, or a completion in between would wake nobody.
        self.job.client().expect(handle, context.waker());
        let mut status = Status::OK.0;
        if !self.started {
            status = unsafe { sys::animaldetect_job_run_async(handle) };
            self.started = status == Status::OK.0;
            self.job.set_running(self.started);
        }
        if self.started {
            if unsafe { sys::animaldetect_job_status(handle) } == Status::AGAIN.0 {
                return Poll::Pending;
            }
            // Collects the completion, unless `process` has done so; returns its status either way.
            status = unsafe { sys::animaldetect_job_wait(handle, 0) };
        }
        self.started = false;
        self.job.set_running(false);
        self.job.client().forget(handle);
        Poll::Ready(self.job.finish(status).and_then(|()| self.job.result()))
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if self.started {
            self.job.set_running(false);
            self.job.end_call();
        }
    }
}
