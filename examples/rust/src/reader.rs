// SPDX-License-Identifier: MIT
//! An image that the library reads from the host: `Read + Seek` behind its two callbacks.
use std::any::Any;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

pub(crate) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// Why a reader failed. A panic goes on in the caller of the call that read.
pub(crate) enum Failure {
    Io(io::Error),
    Panic(Box<dyn Any + Send>),
}

pub(crate) struct Reader {
    source: Box<dyn Source>,
    begin: u64,
    failure: Option<Failure>,
}

impl Reader {
    /// The image begins where the source stands.
    pub(crate) fn new(mut source: impl Read + Seek + Send + 'static) -> io::Result<Box<Reader>> {
        let begin = source.stream_position()?;
        Ok(Box::new(Reader { source: Box::new(source), begin, failure: None }))
    }

    pub(crate) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    fn guarded(&mut self, act: impl FnOnce(&mut dyn Source) -> io::Result<i64>) -> i64 {
        let source = &mut *self.source;
        match catch_unwind(AssertUnwindSafe(|| act(source))) {
            Ok(Ok(number)) => number,
            Ok(Err(error)) => {
                self.failure = Some(Failure::Io(error));
                -1
            }
            Err(panic) => {
                self.failure = Some(Failure::Panic(panic));
                -1
            }
        }
    }
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
