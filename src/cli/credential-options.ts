import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { readVariable } from '../config/index.js';
import { usageError } from './cli-error.js';

/** A credential as the API takes it. */
export interface CredentialInput {
  readonly httpsToken?: { readonly username: string; readonly token: string };
  readonly sshKey?: { readonly privateKey: string; readonly knownHosts: string };
}

/** Options that name where a repo's credential is; a secret itself never stands in a command line. */
export interface CredentialOptions {
  readonly sshKeyFile?: string;
  readonly knownHostsFile?: string;
  readonly gitTokenFile?: string;
  readonly gitTokenEnv?: string;
  readonly gitUsername: string;
}

/** Adds the options of {@link CredentialOptions}. */
export function addCredentialOptions(command: Command): Command {
  return command
    .option(
      '--ssh-key-file <file>',
      'private key for an ssh URL, without a passphrase; - reads standard input',
    )
    .option('--known-hosts-file <file>', 'known hosts for an ssh URL, as ssh-keyscan prints them')
    .option('--git-token-file <file>', 'token for an https URL; - reads standard input')
    .option('--git-token-env <variable>', 'environment variable that holds the token for an https URL')
    .option('--git-username <name>', 'user name that belongs to the token', 'git');
}

/** Reads the credential that the options name; undefined for none. Throws a usage error when they do not fit together. */
export async function readCredential(options: CredentialOptions): Promise<CredentialInput | undefined> {
  const { sshKeyFile, knownHostsFile, gitTokenFile, gitTokenEnv, gitUsername: username } = options;
  const ways = [sshKeyFile, gitTokenFile, gitTokenEnv].filter((way) => way !== undefined);
  if (ways.length > 1) throw usageError('give one of --ssh-key-file, --git-token-file and --git-token-env');
  if (sshKeyFile !== undefined) return { sshKey: await readKey(sshKeyFile, knownHostsFile) };
  if (knownHostsFile !== undefined) throw usageError('--known-hosts-file belongs to --ssh-key-file');
  if (gitTokenFile !== undefined) {
    return { httpsToken: { username, token: (await readSecret(gitTokenFile)).trim() } };
  }
  if (gitTokenEnv === undefined) return undefined;
  const token = readVariable(gitTokenEnv)?.trim() ?? '';
  if (token === '') throw usageError(`the environment variable ${gitTokenEnv} is not set`);
  return { httpsToken: { username, token } };
}

async function readKey(
  file: string,
  knownHostsFile: string | undefined,
): Promise<NonNullable<CredentialInput['sshKey']>> {
  if (knownHostsFile === undefined) {
    throw usageError(
      '--ssh-key-file needs --known-hosts-file, so that the key is shown to the right server only',
      'ssh-keyscan HOST > known_hosts, and compare it with what the server’s operator says',
    );
  }
  return { privateKey: await readSecret(file), knownHosts: await readSecret(knownHostsFile) };
}

async function readSecret(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw Object.assign(usageError(`the file ${file} cannot be read`), { cause });
  }
}
