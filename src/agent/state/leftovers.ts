import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { BuildLedger, BuildRecord } from './build-ledger.js';
import { killBuild } from './kill-build.js';
import { removeTree } from './remove-tree.js';

/**
 * Clears away what an older agent of this worker left on the machine: processes, then workspaces. True when nothing
 * of it runs any more, which is what the agent then says as `clean`.
 */
export async function clearLeftovers(
  ledger: BuildLedger,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<boolean> {
  let isClean = true;
  for (const record of await ledger.leftovers()) {
    const isGone = await killBuild(record, clock);
    if (isGone) await removeRecord(ledger, record);
    logger.warn({ build: record.build, killed: isGone }, 'cleared what an older agent left of a build');
    isClean &&= isGone;
  }
  return isClean;
}

async function removeRecord(ledger: BuildLedger, record: BuildRecord): Promise<void> {
  await removeTree(record.workspace);
  await ledger.end(record.build);
}
