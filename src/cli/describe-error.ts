import { describeProblem, DomainError, ErrorCode, ValidationError } from '../base/errors.js';
import { CliError } from './cli-error.js';
import { ApiError } from './client/api-error.js';
import { printable } from './output/printable.js';

/** The lines for standard error: what, why, what next, and the request's id where there was a request. */
export function describeError(error: unknown): string {
  const lines = [...whatOf(error).map((line) => `slipway: ${line}`), ...whyOf(error), ...nextOf(error)];
  if (error instanceof ApiError && error.requestId !== undefined) {
    lines.push(`  request id: ${error.requestId}`);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function whatOf(error: unknown): string[] {
  if (error instanceof ValidationError) {
    return error.problems.map(describeProblem);
  }
  if (error instanceof CliError || error instanceof DomainError) return error.message.split('\n');
  return [`unexpected failure: ${error instanceof Error ? error.message : String(error)}`];
}

function whyOf(error: unknown): string[] {
  if (!(error instanceof CliError) || !(error.cause instanceof Error)) return [];
  return [`  why: ${error.cause.message}`];
}

function nextOf(error: unknown): string[] {
  if (error instanceof CliError) return error.next === undefined ? [] : [`  next: ${error.next}`];
  if (!(error instanceof ApiError)) return [];
  if (error.code === ErrorCode.UNAUTHENTICATED) {
    return ['  next: set SLIPWAY_TOKEN, or give --token-file with a valid user token'];
  }
  return [];
}
