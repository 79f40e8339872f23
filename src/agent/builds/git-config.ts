import type { CheckoutSource } from './checkout-url.js';

/**
 * The whole configuration of the agent's git: neither the system's nor a user's is read. It is a file, since what is
 * given by `-c` does not reach the process that serves a repository on this machine.
 */
export function gitConfig(source: CheckoutSource): string {
  return [
    ...section('protocol', [['allow', 'never']]),
    ...section('protocol "file"', [['allow', 'always']]),
    ...section('protocol "https"', [['allow', 'always']]),
    ...section('init', [['defaultBranch', 'main']]),
    ...section('advice', [['detachedHead', 'false']]),
    ...section('gc', [['auto', '0']]),
    ...section('credential', [['helper', '']]),
    ...section('safe', ownersDoNotMatter(source)),
    '',
  ].join('\n');
}

/** A repository of this machine often belongs to somebody else; the server has named it, so it may be read. */
function ownersDoNotMatter(source: CheckoutSource): [string, string][] {
  if (source.kind === 'remote') return [];
  const path = source.path.replace(/\/+$/, '');
  return [path, `${path}/.git`, `${path}.git`].map((directory) => ['directory', directory]);
}

function section(name: string, values: readonly [string, string][]): string[] {
  return [`[${name}]`, ...values.map(([key, value]) => `\t${key} = ${quote(value)}`)];
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
