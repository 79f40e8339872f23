import { ValidationError } from '../base/errors.js';

/** "org/name" in its parts. */
export interface RepoName {
  readonly org: string;
  readonly name: string;
}

const LENGTH = 100;
const SLUG = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const EXPECTED = `letters, digits, ".", "_" and "-", the first being a letter or digit, at most ${LENGTH} of them`;

/** Gives back a name of an organisation or repo; throws a ValidationError for the field when it cannot be one. */
export function checkSlug(field: string, given: string): string {
  if (given.length <= LENGTH && SLUG.test(given) && !given.endsWith('.git') && !given.endsWith('.lock')) {
    return given;
  }
  throw ValidationError.of(field, given, EXPECTED);
}

/** Reads "org/name"; throws a ValidationError for the field. */
export function parseRepoName(given: string, field = 'repo'): RepoName {
  const [org = '', name = '', ...rest] = given.split('/');
  if (rest.length > 0 || name === '') throw ValidationError.of(field, given, '"org/name"');
  return { org: checkSlug(field, org), name: checkSlug(field, name) };
}
