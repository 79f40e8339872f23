import type { GitUrl } from '../../git/git-url.js';

const PROTOCOLS = { local: 'file', https: 'https', ssh: 'ssh' } as const;

/**
 * The whole configuration of the agent's git: neither the system's nor a user's is read. It is a file, since what is
 * given by `-c` does not reach the process that serves a repository on this machine.
 */
export function gitConfig(source: GitUrl, caFile: string | null): string {
  return [
    ...section('protocol', [['allow', 'never']]),
    ...section(`protocol "${PROTOCOLS[source.kind]}"`, [['allow', 'always']]),
    ...section('http', httpSettings(caFile)),
    ...section('init', [['defaultBranch', 'main']]),
    ...section('advice', [['detachedHead', 'false']]),
    ...section('gc', [['auto', '0']]),
    ...section('credential', [['helper', '']]),
    ...section('safe', ownersDoNotMatter(source)),
    '',
  ].join('\n');
}

/** No certificate goes unjudged, and no server sends the clone (with what it may show) to another one. */
function httpSettings(caFile: string | null): [string, string][] {
  const settings: [string, string][] = [
    ['sslVerify', 'true'],
    ['followRedirects', 'false'],
  ];
  return caFile === null ? settings : [...settings, ['sslCAInfo', caFile]];
}

/** A repository of this machine often belongs to somebody else; the server has named it, so it may be read. */
function ownersDoNotMatter(source: GitUrl): [string, string][] {
  if (source.kind !== 'local') return [];
  const path = source.path.replace(/\/+$/, '');
  return [path, `${path}/.git`, `${path}.git`].map((directory) => ['directory', directory]);
}

function section(name: string, values: readonly [string, string][]): string[] {
  return [`[${name}]`, ...values.map(([key, value]) => `\t${key} = ${quote(value)}`)];
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
