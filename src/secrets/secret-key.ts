import { quote } from '../base/errors.js';
import type { CompiledSecret } from '../pipeline/index.js';
import type { SecretScope } from './secret-scope.js';

/** A secret as a compiled pipeline asks for it, or why that cannot be one for this repo. */
export type SecretKeyReading =
  | {
      readonly ok: true;
      readonly scope: SecretScope;
      readonly key: string;
      readonly secretName: string;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the key of a compiled secret for a repo `org/name`. Keys are absolute, so that nobody reads a pipeline file
 * wrongly; but a repo's secrets are for its own builds alone, and an organisation's for its own repos.
 */
export function readSecretKey({ type, key }: CompiledSecret, repo: string): SecretKeyReading {
  const [org = ''] = repo.split('/');
  const owner = { repo: `${repo}/`, org: `${org}/`, shared: '' }[type];
  const name = key.slice(owner.length);
  // Names of repos and organisations mean the same in any case, and the secret is looked for by the build's own repo.
  const isOwn = key.slice(0, owner.length).toLowerCase() === owner.toLowerCase();
  if (isOwn && name !== '' && !name.includes('/')) return { ok: true, scope: type, key, secretName: name };
  return { ok: false, reason: refusalOf(type, key, repo) };
}

function refusalOf(type: SecretScope, key: string, repo: string): string {
  const parts = key.split('/').length;
  if (type === 'repo' && parts === 3) return `${quote(key)} is a secret of another repo than ${repo}`;
  if (type === 'org' && parts === 2)
    return `${quote(key)} is a secret of another organisation than that of ${repo}`;
  const expected = { repo: 'org/repo/name', org: 'org/name', shared: 'name' }[type];
  return `${quote(key)} is no key of a ${type} secret, expected ${expected}`;
}
