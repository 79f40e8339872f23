import { DomainError, ErrorCode } from '../base/errors.js';
import { CliError } from '../cli/cli-error.js';
import { takeOwnership } from '../database/embedded/ownership.js';

/** Keeps a second `slipway up` out of a folder for as long as this process lives. Returns what lets it in again. */
export async function lockFolder(root: string): Promise<() => Promise<void>> {
  try {
    return await takeOwnership(root);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== ErrorCode.CONFLICT) throw error;
    throw new CliError('FAILED', `slipway already runs in ${root} (process ${String(error.details.pid)})`, {
      next: 'use it from another terminal, or stop it there with Ctrl-C',
    });
  }
}
