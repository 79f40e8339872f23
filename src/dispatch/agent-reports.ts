import { createHash } from 'node:crypto';
import { cut } from '../base/text.js';
import { ValidationError } from '../base/errors.js';
import { lp, lpList } from '../protocol/lp.js';
import type { BuildOutput, BuildResult, LogChunk, StepReport } from '../protocol/messages.js';
import type { BuildEnding } from '../jobs/jobs.state.js';
import type { BuildStatus } from '../builds/builds.state.js';

/** Limits of what an agent reports. Texts are cut, never refused: a build's end must always be writable. */
const MAX_ERROR_CHARS = 4_000;
const MAX_KIND_CHARS = 100;
const MAX_NAME_CHARS = 200;
const MAX_STEPS = 1_000;
const MAX_OUTPUTS = 100;
const MAX_OUTPUT_NAME_CHARS = 100;
const MAX_OUTPUT_VALUE_CHARS = 4_000;
const MAX_CHUNK_BYTES = 1024 * 1024;
/** A log has a row for each step: no build may have logs of a million steps. */
const MAX_STEP_NUMBER = 9_999;
const MAX_INTEGER = 2 ** 31 - 1;
/** One less, so that the length of a log is an integer of the API too. */
const MAX_SEQ = MAX_INTEGER - 1;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for an id that can be looked up at all. */
export function isBuildId(text: string): boolean {
  return UUID.test(text);
}

/** Steps as they can be stored, each number once (the last report of it counts). */
export function cleanSteps(steps: readonly StepReport[]): StepReport[] {
  if (steps.length > MAX_STEPS) throw ValidationError.of('steps', steps.length, `at most ${MAX_STEPS} steps`);
  const byNumber = new Map(steps.map((step) => [bounded('steps.number', step.number), step]));
  return [...byNumber.values()].map((step) => ({
    ...step,
    name: cut(step.name, MAX_NAME_CHARS),
    exitCode: exitCodeOf(step.exitCode),
    error: step.error === null ? null : cut(step.error, MAX_ERROR_CHARS),
    elapsedMs: step.elapsedMs === null ? null : Math.max(0, Math.min(step.elapsedMs, MAX_INTEGER)),
  }));
}

/** The bytes of log chunks. Throws a ValidationError for what is not base64, too large or out of range. */
export function decodeChunks(chunks: readonly LogChunk[]): { step: number; seq: number; data: Buffer }[] {
  return chunks.map(({ step, seq, data }) => {
    const bytes = Buffer.from(data, 'base64');
    // The decoder skips what is not base64: the length tells. To encode again would cost as much as all the rest.
    if (Math.ceil(bytes.length / 3) * 4 !== data.length)
      throw ValidationError.of('chunks.data', data, 'base64');
    if (bytes.length > MAX_CHUNK_BYTES) {
      throw ValidationError.of('chunks.data', `${bytes.length} bytes`, `at most ${MAX_CHUNK_BYTES} bytes`);
    }
    return {
      step: bounded('chunks.step', step, MAX_STEP_NUMBER),
      seq: bounded('chunks.seq', seq, MAX_SEQ),
      data: bytes,
    };
  });
}

/** What an agent's result means for build and job. */
export function endingOf(result: BuildResult): {
  ending: BuildEnding;
  status: BuildStatus;
  exitCode: number | null;
  failureKind: string | null;
  error: string | null;
  logLengths: unknown;
  outputs: readonly BuildOutput[];
} {
  return {
    ending: endingKind(result),
    status: result.status,
    exitCode: exitCodeOf(result.exitCode),
    failureKind: result.failureKind === null ? null : cut(result.failureKind, MAX_KIND_CHARS),
    error: result.error === null ? null : cut(result.error, MAX_ERROR_CHARS),
    outputs: cleanOutputs(result.outputs),
    logLengths: result.logs.slice(0, MAX_STEPS).map(({ step, lastSeq, bytes }) => ({
      step: clamped(step, 0),
      lastSeq: Math.min(clamped(lastSeq, -1), MAX_SEQ),
      bytes: Math.trunc(Math.max(0, Math.min(bytes, Number.MAX_SAFE_INTEGER))),
    })),
  };
}

/** Outputs as they can be stored, each name once (the last value of it counts); cut, never refused. */
function cleanOutputs(outputs: readonly BuildOutput[]): BuildOutput[] {
  const byName = new Map(
    outputs.map(({ name, value }) => [cut(name, MAX_OUTPUT_NAME_CHARS), cut(value, MAX_OUTPUT_VALUE_CHARS)]),
  );
  return [...byName].slice(0, MAX_OUTPUTS).map(([name, value]) => ({ name, value }));
}

/** Hash of everything in a result: the same result again is answered as the first time. */
export function resultHash(result: BuildResult): Buffer {
  // As texts: whatever number an agent sends, a result is never refused for it.
  const logs = result.logs.map((log) => lpList([log.step, log.lastSeq, log.bytes].map(String)));
  const fields = [
    result.status,
    text(result.exitCode),
    text(result.failureKind),
    text(result.error),
    lpList(result.outputs.map(({ name, value }) => lpList([text(name), text(value)]))),
    lpList(logs),
  ];
  return createHash('sha256')
    .update(lp('slipway/result/v1', ...fields))
    .digest();
}

function endingKind({ status, failureKind }: BuildResult): BuildEnding {
  if (failureKind === 'AGENT_STOPPED') return 'AGENT_STOPPED';
  switch (status) {
    case 'SUCCESS':
      return 'SUCCEEDED';
    case 'FAILURE':
      return 'FAILED';
    case 'KILLED':
      return 'TIMED_OUT';
    case 'ERROR':
      return 'INFRASTRUCTURE';
    case 'CANCELED':
      return 'CANCELED';
  }
}

function exitCodeOf(exitCode: number | null): number | null {
  return exitCode === null ? null : clamped(exitCode, -MAX_INTEGER);
}

/** The nearest whole number that a column takes. */
function clamped(value: number, least: number): number {
  return Math.trunc(Math.max(least, Math.min(value, MAX_INTEGER)));
}

function bounded(field: string, value: number, max = MAX_INTEGER): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw ValidationError.of(field, value, `an integer from 0 to ${max}`);
}

/** Null and the empty text are two things. */
function text(value: string | number | null): string {
  return value === null ? '-' : `=${String(value).toWellFormed()}`;
}
