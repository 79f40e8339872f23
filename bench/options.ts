import { parseArgs } from 'node:util';
import { ValidationError } from '../src/base/errors.js';

/** What a run of the bench does. */
export interface BenchOptions {
  /** Simulated agents, each with a worker's keys, session and socket of its own. */
  readonly agents: number;
  /** Builds that each of them runs at once. */
  readonly slots: number;
  /** How long each of the two measurements runs. */
  readonly seconds: number;
  /** Most lives of the throughput measurement; unlimited when undefined. */
  readonly jobs: number | undefined;
  /** Whole ways from the `createChange` mutation to the package. */
  readonly changes: number;
  /** How long each floor is measured. */
  readonly floorSeconds: number;
  /** Lives before the measurement, so that code and caches are warm. */
  readonly warmUpJobs: number;
  /** MiB of logs, and builds that write them at once. */
  readonly logMib: number;
  readonly logBuilds: number;
  /** File for the numbers as JSON. */
  readonly jsonFile: string | undefined;
}

const FULL = {
  agents: 20,
  slots: 50,
  seconds: 10,
  changes: 20,
  floorSeconds: 2,
  warmUpJobs: 4_000,
  logMib: 128,
  logBuilds: 8,
};
const SMOKE = {
  agents: 2,
  slots: 10,
  seconds: 0.5,
  changes: 2,
  floorSeconds: 0.1,
  warmUpJobs: 100,
  logMib: 4,
  logBuilds: 2,
};

/** How the bench is called. */
export const USAGE = `npm run bench -- [options]

  --agents N     simulated agents (${FULL.agents})
  --slots N      builds that each runs at once (${FULL.slots})
  --seconds N    length of the latency and of the throughput measurement (${FULL.seconds})
  --jobs N       end the throughput measurement after so many lives
  --log-mib N    logs that are written at full speed, in MiB (${FULL.logMib})
  --log-builds N builds that write them at once (${FULL.logBuilds})
  --json FILE    write the numbers as JSON, too
  --smoke        everything once, in a few seconds: shows that it runs, not how fast
  --help         this text

DATABASE_URL names a PostgreSQL server to use; the bench makes a database of its own there and drops it.
Without it an embedded server is started in a temporary directory, with full durability.
`;

/** Options from the command line; 'help' when that was asked for. Throws a ValidationError or parseArgs' TypeError. */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string' },
      slots: { type: 'string' },
      seconds: { type: 'string' },
      jobs: { type: 'string' },
      'log-mib': { type: 'string' },
      'log-builds': { type: 'string' },
      json: { type: 'string' },
      smoke: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const defaults = values.smoke ? SMOKE : FULL;
  return {
    ...defaults,
    agents: count('agents', values.agents) ?? defaults.agents,
    slots: count('slots', values.slots) ?? defaults.slots,
    seconds: count('seconds', values.seconds) ?? defaults.seconds,
    jobs: count('jobs', values.jobs),
    logMib: count('log-mib', values['log-mib']) ?? defaults.logMib,
    logBuilds: count('log-builds', values['log-builds']) ?? defaults.logBuilds,
    jsonFile: values.json,
  };
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw ValidationError.of(`--${name}`, text, 'a whole number of at least 1');
}
