import type { Command } from 'commander';
import { usageError } from './cli-error.js';
import { parseRepoReference } from './repo-reference.js';
import type { SecretOwner } from './secret-operations.js';

/** Options that say whose secret is meant. */
export interface SecretOwnerOptions {
  readonly repo?: string;
  readonly org?: string;
  readonly shared?: true;
}

/** Adds the options of {@link SecretOwnerOptions}. */
export function addSecretOwnerOptions(command: Command): Command {
  return command
    .option('--repo <org/name>', 'of this repo; with --org, its name is enough')
    .option('--org <name>', 'of this organisation')
    .option('--shared', 'of those that all organisations share');
}

/** Whose secret is meant. Throws a usage error unless exactly one owner is named. */
export function readSecretOwner({ repo, org, shared }: SecretOwnerOptions): SecretOwner {
  // `--org acme --repo site` is how Vela names a repo.
  const fullName = repo !== undefined && org !== undefined && !repo.includes('/') ? `${org}/${repo}` : repo;
  const ofOrg = fullName === repo ? org : undefined;
  const named = [fullName, ofOrg, shared].filter((owner) => owner !== undefined).length;
  if (named !== 1)
    throw usageError('whose secret is meant? Expected one of --repo org/name, --org name and --shared');
  if (shared === true) return { shared };
  if (ofOrg !== undefined) return { org: ofOrg };
  parseRepoReference(fullName ?? '');
  return { repo: fullName ?? '' };
}

/** The name of a secret, given as argument or, as Vela has it, by `--name`. */
export function readSecretName(argument: string | undefined, option: string | undefined): string {
  const name = argument ?? option;
  if (name !== undefined && (argument === undefined || option === undefined || argument === option))
    return name;
  throw usageError('which secret is meant? Expected its name, once');
}
