import { isAbsolute } from 'node:path';
import { ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';

const EXPECTED =
  'an absolute path, file:///path or https://host/path, without user name, password, query or spaces';
const LENGTH = 2048;

/**
 * Gives back a URL that git may be called with: an absolute path, `file://` or `https://`. Everything by which git runs
 * programs or reads options (`ext::`, `-…`, ssh, host:path) is refused, and credentials, which have a place of their own.
 * Throws a ValidationError for the field.
 */
export function checkCloneUrl(given: string, field = 'cloneUrl'): string {
  if (isAllowed(given)) return given;
  throw ValidationError.of(field, withoutCredentials(given), EXPECTED);
}

function isAllowed(given: string): boolean {
  if (given === '' || given.length > LENGTH || !isStorable(given)) return false;
  // Controls, line ends and spaces: no real URL has them, and every trick with them fails here.
  if (/[\x00-\x20\x7f-\x9f\u2028\u2029]/.test(given)) return false;
  if (isAbsolute(given)) return !given.startsWith('//');
  return URL.canParse(given) && isAllowedUrl(given, new URL(given));
}

function isAllowedUrl(given: string, url: URL): boolean {
  if (url.username !== '' || url.password !== '' || given.includes('?') || given.includes('#')) return false;
  // git decodes these; a line end has been a way into credential helpers.
  if (/%(?:0[0-9a-f]|1[0-9a-f]|7f)/i.test(given)) return false;
  return /^file:\/\/\/[^/]/.test(given) || /^https:\/\/[^/@\\]+\/./.test(given);
}

/** For the message: what stands before an `@` may be a secret. */
function withoutCredentials(given: string): string {
  return given.replace(/\/\/[^/]*@/, '//***@');
}
