// SPDX-License-Identifier: MIT
//! What the service saw. Immutable, shared by its clones; views borrow from it.
use crate::error::Error;
use crate::sys;
use crate::values::{Rank, ResultKind, Status};
use std::ffi::CStr;
use std::marker::PhantomData;
use std::os::raw::c_char;
use std::sync::Arc;

struct Owned(*mut sys::Result);

// The library's results never change, and its functions on them take no lock because they need none.
unsafe impl Send for Owned {}
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        unsafe { sys::animaldetect_result_free(self.0) };
    }
}

/// The result of one image; outlives its job and client.
#[derive(Clone)]
pub struct Outcome {
    owned: Arc<Owned>,
}

/// Fractions of the image, origin top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

fn number<T: Default, H>(handle: H, getter: unsafe extern "C" fn(H, *mut T) -> i32) -> Option<T> {
    let mut value = T::default();
    match unsafe { getter(handle, &mut value) } {
        0 => Some(value),
        _ => None,
    }
}

/// # Safety
/// `words` is NULL or belongs to what `'a` borrows.
pub(crate) unsafe fn viewed<'a>(words: *const c_char) -> Option<&'a str> {
    if words.is_null() {
        return None;
    }
    // The library hands out valid UTF-8 only: jansson checks it.
    CStr::from_ptr(words).to_str().ok()
}

impl Outcome {
    pub(crate) fn over(handle: *mut sys::Result) -> Outcome {
        Outcome { owned: Arc::new(Owned(handle)) }
    }

    /// From JSON that was kept.
    pub fn parse(json: &str) -> Result<Outcome, Error> {
        crate::check_version()?;
        let mut handle = std::ptr::null_mut();
        match unsafe { sys::animaldetect_result_parse(json.as_ptr() as *const c_char, json.len(), &mut handle) } {
            0 => Ok(Outcome::over(handle)),
            status => Err(Error::new(status, "the text is not a result".to_string())),
        }
    }

    fn handle(&self) -> *const sys::Result {
        self.owned.0
    }

    /// What the result is. Of another kind than detections only the JSON has something to say.
    pub fn kind(&self) -> ResultKind {
        ResultKind(unsafe { sys::animaldetect_result_kind(self.handle()) })
    }

    /// The boxes, in the service's order.
    pub fn detections(&self) -> Detections<'_> {
        let count = unsafe { sys::animaldetect_result_count(self.handle()) };
        Detections { result: self.handle(), next: 0, count, life: PhantomData }
    }

    /// The service's JSON, byte for byte, with the fields that this version does not know.
    pub fn json(&self) -> &str {
        self.sized(sys::animaldetect_result_json).unwrap_or("")
    }

    /// The metadata of the image, as JSON, when it was asked for.
    pub fn metadata_json(&self) -> Option<&str> {
        self.sized(sys::animaldetect_result_metadata_json)
    }

    fn sized(&self, getter: unsafe extern "C" fn(*const sys::Result, *mut usize) -> *const c_char) -> Option<&str> {
        let mut size = 0;
        let words = unsafe { getter(self.handle(), &mut size) };
        if words.is_null() {
            return None;
        }
        std::str::from_utf8(unsafe { std::slice::from_raw_parts(words as *const u8, size) }).ok()
    }

    /// The service's id.
    pub fn id(&self) -> Option<&str> {
        unsafe { viewed(sys::animaldetect_result_id(self.handle())) }
    }

    /// When the result goes away, as the service wrote it.
    pub fn expires_at(&self) -> Option<&str> {
        unsafe { viewed(sys::animaldetect_result_expires_at(self.handle())) }
    }

    /// The country that the service took for granted.
    pub fn country(&self) -> Option<&str> {
        unsafe { viewed(sys::animaldetect_result_country(self.handle())) }
    }

    /// The model that looked.
    pub fn model_id(&self) -> Option<&str> {
        unsafe { viewed(sys::animaldetect_result_model_id(self.handle())) }
    }

    /// Its version.
    pub fn model_version(&self) -> Option<&str> {
        unsafe { viewed(sys::animaldetect_result_model_version(self.handle())) }
    }

    /// In pixels.
    pub fn image_width(&self) -> Option<i64> {
        number(self.handle(), sys::animaldetect_result_image_width)
    }

    /// In pixels.
    pub fn image_height(&self) -> Option<i64> {
        number(self.handle(), sys::animaldetect_result_image_height)
    }

    /// In bytes.
    pub fn file_size(&self) -> Option<i64> {
        number(self.handle(), sys::animaldetect_result_file_size)
    }

    /// How long the service took, in milliseconds.
    pub fn processing_time_ms(&self) -> Option<i64> {
        number(self.handle(), sys::animaldetect_result_processing_time_ms)
    }

    /// The score below which detections were dropped.
    pub fn threshold(&self) -> Option<f64> {
        number(self.handle(), sys::animaldetect_result_threshold)
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Outcome").field("kind", &self.kind()).field("detections", &self.detections()).finish()
    }
}

// What these point to belongs to an Outcome that they borrow, and never changes.
unsafe impl Send for Detections<'_> {}
unsafe impl Sync for Detections<'_> {}
unsafe impl Send for Detection<'_> {}
unsafe impl Sync for Detection<'_> {}
unsafe impl Send for Candidate<'_> {}
unsafe impl Sync for Candidate<'_> {}

impl std::fmt::Debug for Detections<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.clone()).finish()
    }
}

impl std::fmt::Debug for Detection<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = out.debug_struct("Detection");
        fields.field("label", &self.label()).field("score", &self.score()).field("bounding_box", &self.bounding_box());
        fields.finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Candidates<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.clone()).finish()
    }
}

impl std::fmt::Debug for Candidate<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Candidate")
            .field("label", &self.label())
            .field("score", &self.score())
            .finish_non_exhaustive()
    }
}

/// The boxes of a result, in the service's order.
#[derive(Clone)]
pub struct Detections<'a> {
    result: *const sys::Result,
    next: usize,
    count: usize,
    life: PhantomData<&'a Outcome>,
}

impl<'a> Iterator for Detections<'a> {
    type Item = Detection<'a>;

    fn next(&mut self) -> Option<Detection<'a>> {
        if self.next == self.count {
            return None;
        }
        self.next += 1;
        let view = unsafe { sys::animaldetect_result_at(self.result, self.next - 1) };
        Some(Detection { view, life: PhantomData })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count - self.next, Some(self.count - self.next))
    }
}

impl ExactSizeIterator for Detections<'_> {}

/// One box.
#[derive(Clone, Copy)]
pub struct Detection<'a> {
    view: *const sys::Detection,
    life: PhantomData<&'a Outcome>,
}

impl<'a> Detection<'a> {
    /// The service's id.
    pub fn id(&self) -> Option<i64> {
        number(self.view, sys::animaldetect_detection_id)
    }

    /// What it is, such as a species.
    pub fn label(&self) -> Option<&'a str> {
        unsafe { viewed(sys::animaldetect_detection_label(self.view)) }
    }

    /// animal, human or vehicle.
    pub fn category(&self) -> Option<&'a str> {
        unsafe { viewed(sys::animaldetect_detection_category(self.view)) }
    }

    /// How sure the service is, 0 to 1.
    pub fn score(&self) -> Option<f64> {
        number(self.view, sys::animaldetect_detection_score)
    }

    /// Where it is.
    pub fn bounding_box(&self) -> Option<BoundingBox> {
        let mut edges = [0.0; 4];
        match Status(unsafe { sys::animaldetect_detection_bbox(self.view, edges.as_mut_ptr()) }) {
            Status::OK => {
                let [x, y, width, height] = edges;
                Some(BoundingBox { x, y, width, height })
            }
            _ => None,
        }
    }

    /// Its name at a rank.
    pub fn taxonomy(&self, rank: Rank) -> Option<&'a str> {
        unsafe { viewed(sys::animaldetect_detection_taxonomy(self.view, rank.0)) }
    }

    /// The further guesses.
    pub fn candidates(&self) -> Candidates<'a> {
        let count = unsafe { sys::animaldetect_detection_candidate_count(self.view) };
        Candidates { detection: *self, next: 0, count }
    }
}

/// The further guesses for a box.
#[derive(Clone)]
pub struct Candidates<'a> {
    detection: Detection<'a>,
    next: usize,
    count: usize,
}

impl<'a> Iterator for Candidates<'a> {
    type Item = Candidate<'a>;

    fn next(&mut self) -> Option<Candidate<'a>> {
        if self.next == self.count {
            return None;
        }
        self.next += 1;
        let view = unsafe { sys::animaldetect_detection_candidate(self.detection.view, self.next - 1) };
        Some(Candidate { view, life: PhantomData })
    }
}

/// One further guess.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    view: *const sys::Candidate,
    life: PhantomData<&'a Outcome>,
}

impl<'a> Candidate<'a> {
    /// What it is, such as a species.
    pub fn label(&self) -> Option<&'a str> {
        unsafe { viewed(sys::animaldetect_candidate_label(self.view)) }
    }

    /// How sure the service is, 0 to 1.
    pub fn score(&self) -> Option<f64> {
        number(self.view, sys::animaldetect_candidate_score)
    }

    /// Its name at a rank.
    pub fn taxonomy(&self, rank: Rank) -> Option<&'a str> {
        unsafe { viewed(sys::animaldetect_candidate_taxonomy(self.view, rank.0)) }
    }
}
