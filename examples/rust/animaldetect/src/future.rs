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
        // Before the look, or an end in between would wake nobody.
        self.job.client().expect(handle, context.waker());
        let mut status = Status::OK.0;
        if !self.started {
            status = unsafe { sys::animaldetect_job_run_async(handle) };
            self.started = status == Status::OK.0;
            self.job.set_running(self.started);
        }
        if self.started {
            // Takes the end if it is there and was not handed to `process`; answers it again if it was.
            status = unsafe { sys::animaldetect_job_wait(handle, 0) };
            if status == Status::AGAIN.0 {
                return Poll::Pending;
            }
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
