import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../cli/client/client.js';
import { machineTarget } from '../cli/machine-target.js';
import { createEnrolment } from '../cli/operations.js';
import type { Folder } from './folder.js';

const ENROLMENT_LIFE_S = 600;
/** Ctrl-C must end within seconds; what is cut short is built again at the next start. */
const DRAIN_S = '2';

/** The environment of the local worker's agent; with an enrolment token as long as it has no identity. */
export async function workerVariables(
  client: Client,
  folder: Folder,
  options: { readonly buildLimit: number; readonly logLevel: string },
): Promise<Record<string, string>> {
  const variables = {
    SLIPWAY_SERVER: client.endpoint.url,
    SLIPWAY_STATE_DIR: folder.worker,
    SLIPWAY_LIMIT: String(options.buildLimit),
    SLIPWAY_ALLOW_UNSANDBOXED: 'true',
    SLIPWAY_DRAIN_S: DRAIN_S,
    SLIPWAY_LOG_LEVEL: options.logLevel,
  };
  if (existsSync(join(folder.worker, 'worker.json'))) return variables;
  const input = {
    maxUses: 1,
    ttlS: ENROLMENT_LIFE_S,
    buildLimit: options.buildLimit,
    targets: [machineTarget()],
  };
  const { createEnrolment: enrolment } = await client.request(createEnrolment, { input });
  return { ...variables, SLIPWAY_ENROLMENT: enrolment.token };
}
