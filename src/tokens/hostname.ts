import { RE2JS } from 're2js';

/** Letters, digits, `.`, `_` and `-`, at most 253 characters, as hosts are named in practice. */
export function isHostname(hostname: string): boolean {
  return hostname.length <= 253 && /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(hostname);
}

/** What an enrolment's hostname pattern may look like: a hostname in which `*` is any text and `?` any character. */
export function isHostnamePattern(pattern: string): boolean {
  return pattern.length <= 253 && /^[a-z0-9._*?-]+$/i.test(pattern);
}

/** Whether a hostname fits a pattern; case does not matter. In linear time: a pattern of many `*` costs nothing. */
export function matchesHostname(pattern: string, hostname: string): boolean {
  const wildcards: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };
  const expression = pattern.toLowerCase().replace(/[^a-z0-9]/g, (sign) => wildcards[sign] ?? `\\${sign}`);
  return RE2JS.matches(expression, hostname.toLowerCase());
}
