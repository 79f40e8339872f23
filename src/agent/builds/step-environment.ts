import { dirname } from 'node:path';
import type { CompiledStep } from '../../pipeline/index.js';
import type { PackageHead } from '../../protocol/messages.js';
import { BUILD_MARK } from '../state/marked-processes.js';
import type { StepPaths } from '../executor/executor.js';
import { outputsName } from './workspace.js';

/** `PATH` of steps unless the agent is told another one: first where this Node (with its npm) is. */
export const defaultSearchPath = [
  dirname(process.execPath),
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** Where a step runs and for what. */
export interface StepPlace {
  readonly head: PackageHead;
  readonly paths: StepPaths;
  /** Of this step, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * The whole environment of a step. A step may set its own PATH and HOME; the SLIPWAY_ facts are the agent's word and
 * win. Nothing of the agent's own environment is in it.
 */
export function stepEnvironment(step: CompiledStep, place: StepPlace): Record<string, string> {
  return { ...machineFacts(place.paths), ...step.environment, ...place.secrets, ...buildFacts(step, place) };
}

/** What programs expect of any machine. */
export function machineFacts({
  search,
  home,
  temporary,
}: Omit<StepPaths, 'outputs'>): Record<string, string> {
  return { PATH: search, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8' };
}

/** What a build may know of itself. */
function buildFacts(step: CompiledStep, { head, paths }: StepPlace): Record<string, string> {
  return {
    SLIPWAY: 'true',
    CI: 'true',
    [BUILD_MARK]: head.build,
    SLIPWAY_BUILD_NUMBER: String(head.number),
    SLIPWAY_BUILD_ATTEMPT: String(head.attempt),
    SLIPWAY_REPO: head.repo,
    SLIPWAY_PROJECT: head.project,
    SLIPWAY_BRANCH: head.branch ?? '',
    SLIPWAY_COMMIT: head.checkout.commit,
    SLIPWAY_REF: head.checkout.ref ?? '',
    SLIPWAY_EVENT: head.event,
    SLIPWAY_TARGET: head.target,
    SLIPWAY_WORKSPACE: paths.source,
    SLIPWAY_OUTPUTS: `${paths.outputs}/${outputsName(step.number)}`,
  };
}
