import type { SetSecretRequest } from '../secrets/index.js';
import type { SetSecretInput } from './inputs/secret.input.js';

/** The input without its owner; what GraphQL has as null or leaves out is not given. */
export function readSetSecret(input: SetSecretInput): Omit<SetSecretRequest, 'owner' | 'by'> {
  const { name, value = null, expectedVersion = null } = input;
  const { allowEvents, allowImages, allowCommands, allowRepos, allowRefs } = input;
  const given = Object.entries({ allowEvents, allowImages, allowCommands, allowRepos, allowRefs });
  const rules = Object.fromEntries(given.filter(([, rule]) => rule !== null && rule !== undefined));
  return { name, value, expectedVersion, rules };
}
