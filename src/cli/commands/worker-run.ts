import { hostname } from 'node:os';
import { createLogger } from '../../base/logger.js';
import { readWorkerConfig, workerOptions } from '../../config/index.js';
import type { Cli, CommandModule } from '../command.js';
import { CliError } from '../cli-error.js';
import { addConfigFlags, givenFlags } from '../config-flags.js';
import { machineTarget } from '../machine-target.js';
import { version } from '../../base/package-version.js';
import { openParentLink, type ParentLink } from '../parent-link.js';

const HELP = `
The first SIGTERM lets running builds go on for a while (--drain) and takes no new ones; the second stops them.
Example: SLIPWAY_ENROLMENT=swe_… slipway worker run --server https://ci.example.org`;

export const command: CommandModule<object> = {
  define(command) {
    addConfigFlags(command, workerOptions).addHelpText('after', HELP);
  },

  async run(cli, _args, options) {
    const { logLevel, ...config } = readWorkerConfig(givenFlags(options, workerOptions));
    const parent = openParentLink();
    const { runAgent } = await import('../../agent/index.js');
    const exit = await runAgent(
      {
        ...config,
        hostname: config.hostname ?? hostname(),
        targets: config.targets.length > 0 ? config.targets : [machineTarget()],
        version: version(),
      },
      {
        ...stopSignals(cli, parent),
        logger: createLogger({ name: 'worker', level: logLevel }),
        onDriver: (driver) => void parent.tell({ kind: 'READY', value: driver }),
      },
    );
    if (exit.kind !== 'REVOKED') return undefined;
    throw new CliError('AUTH', `the server takes this worker no more: ${exit.reason}`, {
      next: 'slipway worker enrol, then run the worker with a new state directory',
    });
  },
};

/** Without its supervisor the agent has nothing to wait for. */
function stopSignals(cli: Cli, parent: ParentLink): { signal: AbortSignal; stopNow: AbortSignal } {
  const signal = AbortSignal.any([cli.untilStopped(), parent.isGone]);
  return { signal, stopNow: AbortSignal.any([cli.untilHurried(), parent.isGone]) };
}
