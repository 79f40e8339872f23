export { findJobId, listJobs, type JobFilter } from './job-pages.queries.js';
export { Job } from './job.entity.js';
export { findJobPriorities } from './job-priorities.queries.js';
export { countQueue, type QueueDepth } from './queue-depth.queries.js';
export { findWaitingReasons, type JobWait } from './waiting-reasons.queries.js';
