import { InvalidArgumentError, Option } from 'commander';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { createEnrolment, type CreateEnrolmentInput } from '../operations.js';
import { gather, parseCount, parseDurationMs } from '../parse-values.js';

type WorkerLabel = NonNullable<CreateEnrolmentInput['labels']>[number];

interface Options extends ConnectOptions {
  readonly pool?: string;
  readonly target?: readonly string[];
  readonly label?: readonly WorkerLabel[];
  readonly limit?: number;
  readonly hostname?: string;
  readonly maxUses: number;
  readonly ttl: number;
}

const HELP = `
Prints the token alone to standard output: whoever has it may register a machine. Then, on that machine:
  SLIPWAY_ENROLMENT=swe_… slipway worker run --server https://…`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--pool <name>', 'pool that the worker goes into')
      .option('--target <target>', 'platform that it may build for; may be given several times', gather)
      .option('--label <name=value>', 'label that it may carry; may be given several times', gatherLabel)
      .option('--limit <n>', 'most builds that it may run at once', parseCount)
      .option('--hostname <pattern>', 'names that it may have, with * for anything')
      .option('--max-uses <n>', 'how many machines may use it', parseCount, 1)
      .addOption(
        new Option('--ttl <duration>', 'for how long it is good')
          .argParser(parseDurationMs)
          .default(3_600_000, '1h'),
      )
      .addHelpText('after', HELP);
  },

  async run({ terminal }, _args, { pool, target, label, limit, hostname, maxUses, ttl, ...options }) {
    const input: CreateEnrolmentInput = {
      maxUses,
      ttlS: Math.ceil(ttl / 1000),
      ...(pool === undefined ? {} : { pool }),
      ...(target === undefined ? {} : { targets: target }),
      ...(label === undefined ? {} : { labels: label }),
      ...(limit === undefined ? {} : { buildLimit: limit }),
      ...(hostname === undefined ? {} : { hostnamePattern: hostname }),
    };
    const client = await connect(options);
    const { createEnrolment: enrolment } = await client.request(createEnrolment, { input });
    terminal.out(`${enrolment.token}\n`);
    terminal.say(
      `Shown once. Next, on the new machine: SLIPWAY_ENROLMENT=… slipway worker run --server ${client.endpoint.url}`,
    );
    return undefined;
  },
};

function gatherLabel(text: string, before: readonly WorkerLabel[] = []): readonly WorkerLabel[] {
  const [, name, value] = /^([^=\s]+)=(\S*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Expected name=value.');
  return [...before, { name, value }];
}
