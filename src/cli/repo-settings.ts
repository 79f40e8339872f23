import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseCount, parseDurationMs } from './parse-values.js';

/** Options that set numbers of a repo. */
export interface RepoSettings {
  readonly buildLimit?: number;
  readonly timeout?: number;
  readonly queueTimeout?: number;
}

/** Adds the options of {@link RepoSettings}. */
export function addRepoSettings(command: Command): Command {
  return command
    .option('--build-limit <n>', 'most builds of it at once', parseCount)
    .option('--timeout <duration>', 'longest time that a build may run, such as 45m', parseDurationMs)
    .option('--queue-timeout <duration>', 'longest time that a job may wait, such as 12h', parseDurationMs);
}

/** The settings as the API takes them; what was not given is not there. */
export function settingsOf({ buildLimit, timeout, queueTimeout }: RepoSettings): {
  buildLimit?: number;
  timeoutMs?: number;
  queueTimeoutMs?: number;
} {
  return {
    ...(buildLimit !== undefined && { buildLimit }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(queueTimeout !== undefined && { queueTimeoutMs: queueTimeout }),
  };
}

/** A directory is meant as seen from here, and the server stands elsewhere. */
export function cloneUrlOf(given: string): string {
  return existsSync(given) ? resolve(given) : given;
}
