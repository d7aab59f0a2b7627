// SPDX-License-Identifier: MIT
// The same objects as index.js, by name: Node.js cannot see the names that are spread there.
import animaldetect from './index.js';

export const {
  AnimalDetectError, CallerError, ImageError, JobError, AccountError, NetworkError, ServiceError, CanceledError,
  CallTimeoutError, QueueFullError, ReaderError, Client, Job, parseResult, imagesIn, features, gauges, libraryVersion,
  Status, Scope, State, Stage, Step, PollMode, Pause, Hold, ResultKind, LogLevel, Rank, Statistic, Operation,
} = animaldetect;
export default animaldetect;
