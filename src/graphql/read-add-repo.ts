import { ValidationError } from '../base/errors.js';
import { parseRepoName, type AddRepoInput as AddRepoRequest, type RepoName } from '../repos/index.js';
import type { AddRepoInput } from './inputs/add-repo.input.js';

/** What to add. Throws a ValidationError unless it is named in exactly one of the two ways. */
export function readAddRepo(input: AddRepoInput): AddRepoRequest {
  const { org: _org, name: _name, fullName: _fullName, idempotencyKey: _key, ...settings } = input;
  return { ...readName(input), ...settings };
}

function readName({ org, name, fullName }: AddRepoInput): RepoName {
  if (typeof fullName === 'string' && !org && !name) return parseRepoName(fullName, 'input.fullName');
  if (org && name && typeof fullName !== 'string') return { org, name };
  throw ValidationError.of('input', { org, name, fullName }, '`org` and `name`, or `fullName` alone');
}
