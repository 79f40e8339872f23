import { type JobState, verdictOf } from '../job-state.js';
import type { Job } from '../operations.js';
import { glyphOf, paintVerdict } from './verdicts.js';
import type { RecordView } from './print-records.js';
import { ago, took } from './times.js';

/** A job as `build list --output json` gives it. Other programs rely on it: fields are added, never changed. */
export interface JobRow {
  readonly id: string;
  readonly repo: string;
  readonly number: number;
  readonly project: string;
  readonly target: string;
  readonly event: string;
  readonly branch: string | null;
  readonly commit: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly workerId: string | null;
  /** Its host name. */
  readonly worker: string | null;
}

/** The row of a job. */
export function jobRowOf(job: Job): JobRow {
  const { id, number, target, event, branch, commit, state, attempt, createdAt, startedAt, finishedAt } = job;
  const names = { id, repo: job.repo.fullName, number, project: job.project.name };
  const facts = { target, event, branch, commit, state, attempt };
  const place = { workerId: job.worker?.id ?? null, worker: job.worker?.hostname ?? null };
  return { ...names, ...facts, createdAt, startedAt, finishedAt, ...place };
}

/** `org/repo#17`: a reference that every command takes. */
export function jobNameOf(row: Pick<JobRow, 'repo' | 'number'>): string {
  return `${row.repo}#${row.number}`;
}

export const jobView: RecordView<JobRow> = {
  nameOf: jobNameOf,
  columns: [
    { title: 'BUILD', text: jobNameOf },
    {
      title: 'STATE',
      text: ({ state }) => `${glyphOf(verdictOf(state))} ${state}`,
      paint: (text, { state }, colours) => paintVerdict(text, verdictOf(state), colours),
    },
    { title: 'EVENT', text: ({ event }) => event },
    { title: 'BRANCH', text: ({ branch }) => branch ?? '-' },
    { title: 'COMMIT', text: ({ commit }) => commit.slice(0, 8) },
    { title: 'CREATED', text: ({ createdAt }) => ago(createdAt) },
    { title: 'TOOK', text: ({ startedAt, finishedAt }) => took(startedAt, finishedAt) },
    { title: 'PROJECT', wide: true, text: ({ project }) => project },
    { title: 'TARGET', wide: true, text: ({ target }) => target },
    { title: 'ATTEMPT', wide: true, text: ({ attempt }) => String(attempt) },
    { title: 'WORKER', wide: true, text: ({ worker }) => worker ?? '-' },
    { title: 'ID', wide: true, text: ({ id }) => id },
  ],
};
