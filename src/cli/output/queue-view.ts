import type { QueuedJob } from '../operations.js';
import { jobNameOf, type JobRow } from './job-view.js';
import type { RecordView } from './print-records.js';
import { ago } from './times.js';
import { waitingSentence } from './waiting-words.js';

/** A waiting job as `queue list --output json` gives it. Other programs rely on it: fields are added, never changed. */
export type QueuedRow = JobRow & Pick<QueuedJob, 'priority' | 'waiting'>;

const FIRST: RecordView<QueuedRow>['columns'] = [
  { title: 'BUILD', text: jobNameOf },
  { title: 'TARGET', text: ({ target }) => target },
  { title: 'PRIORITY', text: ({ priority }) => String(priority) },
  { title: 'AHEAD', text: ({ waiting }) => String(waiting?.ahead ?? '-') },
];

const LAST: RecordView<QueuedRow>['columns'] = [
  { title: 'PROJECT', wide: true, text: ({ project }) => project },
  { title: 'COMMIT', wide: true, text: ({ commit }) => commit.slice(0, 8) },
  { title: 'ID', wide: true, text: ({ id }) => id },
];

export const queueView: RecordView<QueuedRow> = {
  nameOf: jobNameOf,
  columns: [
    ...FIRST,
    { title: 'REASON', text: ({ waiting }) => waiting?.reason ?? '-' },
    { title: 'CREATED', text: ({ createdAt }) => ago(createdAt) },
    ...LAST,
  ],
};

/** With the reasons in words. */
export const whyView: RecordView<QueuedRow> = {
  nameOf: jobNameOf,
  columns: [
    ...FIRST,
    { title: 'WHY', text: ({ waiting }) => (waiting ? waitingSentence(waiting) : '-') },
    ...LAST,
  ],
};
