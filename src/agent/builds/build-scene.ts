import type { CompiledPipeline } from '../../pipeline/index.js';
import type { PackageHead, SealContent } from '../../protocol/messages.js';
import type { Mask } from '../masking/mask.js';
import type { BuildControl } from './build-control.js';
import type { BuildOutputs } from './build-outputs.js';
import type { BuildSite } from './build-site.js';
import type { LogStreamer } from './log-streamer.js';
import type { StepBoard } from './step-board.js';
import type { Workspace } from './workspace.js';

/** One build while it runs: what its steps need. */
export interface BuildScene {
  readonly site: BuildSite;
  readonly head: PackageHead;
  /** What only this worker knows of the build: secrets, refusals, the clone's credential. Never to be printed. */
  readonly content: SealContent;
  readonly pipeline: CompiledPipeline;
  readonly workspace: Workspace;
  readonly control: BuildControl;
  /** Hides the secrets in what leaves the worker; logs and board have it themselves. */
  readonly mask: Mask;
  readonly outputs: BuildOutputs;
  readonly board: StepBoard;
  readonly logs: LogStreamer;
}
