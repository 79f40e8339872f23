import { ValidationError } from '../../base/errors.js';

const EXPECTED = 'an absolute path, file:///path or https://host/path';

/** Where a checkout comes from: a directory of this machine (with its path), or a server. */
export type CheckoutSource =
  | { readonly kind: 'local'; readonly url: string; readonly path: string }
  | { readonly kind: 'remote'; readonly url: string };

/**
 * Reads the URL of a checkout. Throws a ValidationError for everything but the allowed protocols: git would take an
 * option, a command (`ext::`) or another program's protocol just as gladly.
 */
export function readCheckoutUrl(url: string): CheckoutSource {
  if (/[\0-\x1f\x7f]/.test(url)) throw ValidationError.of('checkout.url', url, EXPECTED);
  if (url.startsWith('/')) return { kind: 'local', url, path: url };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const hasSlashes = /^[a-z]+:\/\//.test(url);
  if (parsed?.protocol === 'https:' && hasSlashes) return { kind: 'remote', url };
  if (parsed?.protocol === 'file:' && hasSlashes && parsed.host === '') {
    return { kind: 'local', url, path: url.slice('file://'.length) };
  }
  throw ValidationError.of('checkout.url', url, EXPECTED);
}
