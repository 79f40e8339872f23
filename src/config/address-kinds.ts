import { type AllowedHost, parseAllowedHost } from '../git/network.js';
import { kind, type Kind } from './kinds.js';

/** Scheme, host and port alone, such as `https://ci.example.org`: what a signature binds a session to. */
export function origin(): Kind<string> {
  return kind({
    name: 'origin',
    expected: 'http(s)://host[:port] without a path',
    placeholder: 'origin',
    parse: (given) => {
      const url = parseUrl(given, ['http:', 'https:']);
      return url !== undefined && isBare(url) ? url.origin : undefined;
    },
  });
}

/** Address of a Slipway server; a trailing slash is dropped. */
export function serverUrl(): Kind<string> {
  return kind({
    name: 'URL',
    expected: 'http(s)://host[:port]',
    placeholder: 'url',
    parse: (given) => {
      const url = parseUrl(given, ['http:', 'https:']);
      return url !== undefined && url.username === '' && url.password === ''
        ? `${url.origin}${url.pathname.replace(/\/+$/, '')}`
        : undefined;
    },
  });
}

/** Address of a PostgreSQL database. Secret, since it may hold the password. */
export function databaseUrl(): Kind<string> {
  return kind({
    name: 'URL',
    expected: 'postgres://user:password@host:port/database',
    isSecret: true,
    placeholder: 'url',
    parse: (given) => (parseUrl(given, ['postgres:', 'postgresql:']) === undefined ? undefined : given),
  });
}

/** A host that the server may clone from although it is not on the public internet. */
export function allowedHost(): Kind<AllowedHost> {
  return kind({
    name: 'host',
    expected: 'a host name, an address, or a network such as 10.0.0.0/8',
    placeholder: 'host',
    parse: parseAllowedHost,
  });
}

function isBare(url: URL): boolean {
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
}

function parseUrl(given: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  return url !== undefined && protocols.includes(url.protocol) ? url : undefined;
}
