import { totalmem } from 'node:os';
import type { AgentOptions } from './agent-options.js';
import type { BuildLimits } from './cgroups/cgroups.js';

/** How many processes a build may have unless the options say it. */
export const DEFAULT_PIDS = 4_096;
/** What is left of the machine's memory is for the agent, its git, and everybody else. */
const SHARE_OF_MEMORY = 0.8;

/** What each build may use, where the options do not say it. */
export function buildLimits({ memoryBytes, pids, cpus, buildLimit }: AgentOptions): BuildLimits {
  const share = Math.floor((machineMemoryBytes() * SHARE_OF_MEMORY) / buildLimit);
  return { memoryBytes: memoryBytes ?? share, pids: pids ?? DEFAULT_PIDS, cpus: cpus ?? null };
}

/** In a container, what the container may use. */
function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
