export { findJobId, listJobs, type JobFilter } from './job-pages.queries.js';
export { Job } from './job.entity.js';
export { countQueue, type QueueDepth } from './queue-depth.queries.js';
export { findWaitingReasons } from './waiting-reasons.queries.js';
