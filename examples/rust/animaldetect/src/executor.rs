// SPDX-License-Identifier: MIT
//! The smallest executor over a client's descriptor, for programs without a runtime. With one, watch `Client::fd` for
//! reading and call `Client::process`; the futures are the same.
use crate::client::{lock, Client};
use crate::error::Error;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, Read, Write};
use std::os::raw::{c_int, c_short, c_ulong};
use std::os::unix::io::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

#[repr(C)]
struct PollFd {
    fd: RawFd,
    events: c_short,
    revents: c_short,
}

const POLLIN: c_short = 1;

extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
}

/// Who may be polled again. A wake from another thread ends the sleep by a byte.
struct Ready {
    queue: Mutex<VecDeque<usize>>,
    bell: UnixStream,
}

struct Ring {
    task: usize,
    ready: Arc<Ready>,
}

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        lock(&self.ready.queue).push_back(self.task);
        // When it is full it will be heard all the same.
        let _ = (&self.ready.bell).write(&[0]);
    }
}

/// Drives the futures, all at once on this thread, and returns what they gave, in their order.
pub fn block_on_all<'a, T>(
    client: &Client,
    futures: impl IntoIterator<Item = Pin<Box<dyn Future<Output = T> + 'a>>>,
) -> Result<Vec<T>, Error> {
    let system = |error: io::Error| Error::new(crate::Status::SYSTEM.0, error.to_string());
    let (mut heard, bell) = UnixStream::pair().map_err(system)?;
    heard.set_nonblocking(true).map_err(system)?;
    bell.set_nonblocking(true).map_err(system)?;
    let mut tasks: Vec<_> = futures.into_iter().map(Some).collect();
    let mut outputs: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let ready = Arc::new(Ready { queue: Mutex::new((0..tasks.len()).collect()), bell });
    let wakers: Vec<Waker> =
        (0..tasks.len()).map(|task| Waker::from(Arc::new(Ring { task, ready: ready.clone() }))).collect();
    let mut left = tasks.len();

    while left > 0 {
        let next = lock(&ready.queue).pop_front();
        if let Some(task) = next {
            let done = match tasks[task].as_mut() {
                Some(future) => future.as_mut().poll(&mut Context::from_waker(&wakers[task])),
                None => continue,
            };
            if let Poll::Ready(output) = done {
                tasks[task] = None;
                outputs[task] = Some(output);
                left -= 1;
            }
            continue;
        }
        let mut fds = [client.fd()?, heard.as_raw_fd()].map(|fd| PollFd { fd, events: POLLIN, revents: 0 });
        if unsafe { poll(fds.as_mut_ptr(), fds.len() as c_ulong, -1) } < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(system(error));
            }
        }
        while matches!(heard.read(&mut [0; 64]), Ok(1..)) {}
        client.process()?;
    }
    Ok(outputs.into_iter().flatten().collect())
}

/// Drives one future to its end.
pub fn block_on<T>(client: &Client, future: impl Future<Output = T>) -> Result<T, Error> {
    let one: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
    block_on_all(client, [one]).map(|mut outputs| outputs.remove(0))
}
