import { type Command, Option } from 'commander';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import type { CommandModule } from '../command.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { secretView } from '../output/secret-view.js';
import { gather } from '../parse-values.js';
import { setSecret } from '../secret-operations.js';
import {
  addSecretOwnerOptions,
  readSecretName,
  readSecretOwner,
  type SecretOwnerOptions,
} from '../secret-owner.js';
import { readSecretValue, refuseArgument, type SecretValueOptions } from '../secret-value.js';

interface Options extends ConnectOptions, SecretOwnerOptions, SecretValueOptions {
  readonly name?: string;
  readonly value?: string;
  readonly event?: readonly string[];
  readonly image?: readonly string[];
  readonly commands: boolean;
  readonly allowCommands?: true;
  readonly allowRepo?: readonly string[];
  readonly ref?: readonly string[];
  readonly output: Format;
}

const HELP = `
The value is read from standard input (without its last newline), a file or a variable, never from the command line. A
secret of that name gets it as its next version; rules that are not given stay as they are. A new secret is for all events
but pull_request, comment and merge_group; one of an organisation, or shared, for default branches and tags alone.
Examples:
  slipway secret add DEPLOY_TOKEN --repo acme/site < token.txt
  slipway secret add SIGNING_KEY --org acme --value-file key.pem --image 'signer:*' --no-commands
  slipway secret add DEPLOY_TOKEN --repo acme/site --keep-value --event push --event tag`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(
      addRules(addValues(addSecretOwnerOptions(command.argument('[name]', 'what it is called')))),
    )
      .addOption(outputOption())
      .addHelpText('after', HELP);
  },

  async run({ terminal }, [argument, excess], { output, ...options }) {
    if (excess !== undefined || options.value !== undefined) refuseArgument();
    const named = { ...readSecretOwner(options), name: readSecretName(argument, options.name) };
    const value = await readSecretValue(options);
    const input = { ...named, ...(value === undefined ? {} : { value }), ...rulesOf(options) };
    const { setSecret: secret } = await (await connect(options)).request(setSecret, { input });
    await printRecord(terminal, secret, { format: output, view: secretView });
    return undefined;
  },
};

function addValues(command: Command): Command {
  return command
    .argument('[value]')
    .option('--name <name>', 'the same as the argument')
    .option('--value-file <file>', 'file with the value, taken as it is')
    .option('--value-env <variable>', 'variable of the environment that has the value')
    .option('--keep-value', 'change the rules alone')
    .addOption(new Option('--value <value>').hideHelp());
}

function addRules(command: Command): Command {
  return command
    .option('--event <event>', 'event whose builds may have it; may be given several times', gather)
    .option('--image <glob>', 'image whose steps may have it; may be given several times', gather)
    .option('--no-commands', 'only for steps without commands and entrypoint')
    .option('--allow-commands', 'for steps with commands too')
    .option('--allow-repo <glob>', 'repo whose builds may have it; may be given several times', gather)
    .option(
      '--ref <glob>',
      'ref whose builds may have it: @default, a branch or refs/…; several times',
      gather,
    );
}

function rulesOf({ event, image, commands, allowCommands, allowRepo, ref }: Omit<Options, 'output'>) {
  return {
    ...(event && { allowEvents: event }),
    ...(image && { allowImages: image }),
    ...(allowRepo && { allowRepos: allowRepo }),
    ...(ref && { allowRefs: ref }),
    ...(!commands && { allowCommands: false }),
    ...(allowCommands && { allowCommands: true }),
  };
}
