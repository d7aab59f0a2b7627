// SPDX-License-Identifier: MIT
//! An image that the library reads from the host: `Read + Seek` behind its two callbacks.
use crate::client::lock;
use crate::values::Status;
use std::any::Any;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

pub(crate) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// Why a reader failed. A panic goes on in the caller of the call that read.
pub(crate) enum Failure {
    Io(io::Error),
    Panic(Box<dyn Any + Send>),
}

/// Where a reader, which the library owns, leaves its failure for the job.
pub(crate) type Failures = Arc<Mutex<Option<Failure>>>;

pub(crate) struct Reader {
    source: Box<dyn Source>,
    begin: u64,
    failures: Failures,
}

impl Reader {
    /// The image begins where the source stands.
    pub(crate) fn new(mut source: impl Read + Seek + Send + 'static, failures: &Failures) -> io::Result<Box<Reader>> {
        let begin = source.stream_position()?;
        Ok(Box::new(Reader { source: Box::new(source), begin, failures: failures.clone() }))
    }

    fn guarded(&mut self, act: impl FnOnce(&mut dyn Source) -> io::Result<i64>) -> i64 {
        let source = &mut *self.source;
        let (number, failure) = match catch_unwind(AssertUnwindSafe(|| act(source))) {
            Ok(Ok(number)) => return number,
            Ok(Err(error)) => (own_number(&error).unwrap_or(-1), Failure::Io(error)),
            Err(panic) => (-1, Failure::Panic(panic)),
        };
        *lock(&self.failures) = Some(failure);
        number
    }
}

/// A `Status` of the host's own inside the error.
fn own_number(error: &io::Error) -> Option<i64> {
    let own = error.get_ref()?.downcast_ref::<Status>()?;
    Some(i64::from(own.0)).filter(|_| *own <= Status::HOST)
}

pub(crate) unsafe extern "C" fn on_read(user: *mut c_void, buffer: *mut u8, size: usize) -> i64 {
    let reader = &mut *(user as *mut Reader);
    // A reader may look at its buffer, which C did not fill.
    std::ptr::write_bytes(buffer, 0, size);
    let buffer = std::slice::from_raw_parts_mut(buffer, size);
    reader.guarded(|source| loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done.map(|count| count as i64),
        }
    })
}

pub(crate) unsafe extern "C" fn on_rewind(user: *mut c_void) -> i32 {
    let reader = &mut *(user as *mut Reader);
    let begin = reader.begin;
    reader.guarded(|source| source.seek(SeekFrom::Start(begin)).map(|_| 0)) as i32
}
