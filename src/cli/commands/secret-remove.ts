import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import type { CommandModule } from '../command.js';
import { removeSecret } from '../secret-operations.js';
import {
  addSecretOwnerOptions,
  readSecretName,
  readSecretOwner,
  type SecretOwnerOptions,
} from '../secret-owner.js';

interface Options extends ConnectOptions, SecretOwnerOptions {
  readonly name?: string;
  readonly yes?: true;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(addSecretOwnerOptions(command.argument('[name]', 'what it is called')))
      .option('--name <name>', 'the same as the argument')
      .option('-y, --yes', 'do not ask');
  },

  async run({ terminal }, [argument], { yes, ...options }) {
    const owner = readSecretOwner(options);
    const name = readSecretName(argument, options.name);
    const of = owner.shared === true ? 'all organisations' : (owner.repo ?? owner.org ?? '');
    await terminal.confirm(`Remove the secret ${name} of ${of}? Its value cannot be brought back.`, yes);
    await (await connect(options)).request(removeSecret, { input: { ...owner, name } });
    terminal.say(`The secret ${name} of ${of} is gone. Builds that run may still have it.`);
    return undefined;
  },
};
