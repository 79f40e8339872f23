import { usageError } from './cli-error.js';

/** Reads `org/name`. Throws a usage error for anything else. */
export function parseRepoReference(text: string): { readonly org: string; readonly name: string } {
  const [org, name, ...rest] = text.split('/');
  if (org !== undefined && org !== '' && name !== undefined && name !== '' && rest.length === 0) {
    return { org, name };
  }
  throw usageError(`repo ${JSON.stringify(text)} is no reference, expected org/name`, 'slipway repo list');
}
