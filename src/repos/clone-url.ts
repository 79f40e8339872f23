import { ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';
import { GIT_URL_EXPECTED, type GitUrl, readGitUrl } from '../git/git-url.js';

const EXPECTED = `${GIT_URL_EXPECTED}, without password, query or spaces`;
const LENGTH = 2048;

/**
 * Reads a clone URL that a person gave. Everything by which git runs programs or reads options (`ext::`, `-…`) is
 * refused, and credentials, which have a place of their own. Throws a ValidationError for the field.
 */
export function checkCloneUrl(given: string, field = 'cloneUrl'): GitUrl {
  const url = isPlain(given) ? readGitUrl(given) : undefined;
  if (url !== undefined) return url;
  throw ValidationError.of(field, withoutCredentials(given), EXPECTED);
}

/** Controls, line ends and spaces: no real URL has them, and every trick with them fails here. */
function isPlain(given: string): boolean {
  return given.length <= LENGTH && isStorable(given) && !/[\x00-\x20\x7f-\x9f\u2028\u2029]/.test(given);
}

/** For the message: what stands before an `@` may be a secret. */
function withoutCredentials(given: string): string {
  return given.replace(/\/\/[^/]*@/, '//***@');
}
