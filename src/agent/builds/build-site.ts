import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Uploader } from '../artifacts/uploader.js';
import type { Executor } from '../executor/executor.js';
import type { BuildLedger } from '../state/build-ledger.js';
import type { Reports } from './reports.js';

/** What all builds of an agent share. */
export interface BuildSite {
  readonly workspaceDir: string;
  /** `PATH` of the agent's git. */
  readonly searchPath: string;
  /** Certificate authorities by which clones judge https servers; null for the system's. */
  readonly gitCaFile: string | null;
  /** Lines that every build's log begins with: what runs it and where. */
  readonly banner: readonly string[];
  /** What a step may print; the rest is left out, visibly. */
  readonly logCapBytes: number;
  /** Most bytes of a file that is kept as an artifact. */
  readonly artifactCapBytes: number;
  readonly uploader: Uploader;
  readonly executor: Executor;
  readonly ledger: BuildLedger;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly logger: Logger;
}
