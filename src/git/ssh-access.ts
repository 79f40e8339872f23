import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloneCredential } from '../protocol/messages.js';
import { hostKeyName } from './explain-failure.js';
import type { GitAccess, GitRemote } from './git-access.js';
import type { RemoteUrl } from './git-url.js';

/**
 * Runs in an ssh-agent that ends with it: takes the key from its standard input, which the rest does not inherit. The
 * key is in the agent's memory alone; a killed agent of ours leaves no file of it, only an ssh-agent that looks every ten
 * seconds whether this shell still lives.
 */
const SCRIPT = [
  `trap 'kill "$SSH_AGENT_PID" 2>/dev/null' EXIT`,
  `trap 'exit 143' TERM`,
  `ssh-add -q - || exit 97`,
  `"$@" </dev/null`,
  'exit $?',
].join('\n');

/** What ssh must be told, and asks nobody about. */
const SETTINGS = [
  'BatchMode yes',
  'CheckHostIP no',
  'ClearAllForwardings yes',
  'ConnectTimeout 20',
  'ControlMaster no',
  'ControlPath none',
  'ForwardAgent no',
  'GlobalKnownHostsFile /dev/null',
  'IdentityFile none',
  'LogLevel ERROR',
  'PreferredAuthentications publickey',
  'ProxyCommand none',
  'ServerAliveInterval 15',
  'StrictHostKeyChecking yes',
  'UpdateHostKeys no',
];

/** Gives git an ssh that has this key and believes these hosts, until the work is done. */
export async function withSshAccess<T>(
  { url, addresses }: GitRemote & { readonly url: RemoteUrl },
  credential: Extract<CloneCredential, { kind: 'SSH_KEY' }>,
  work: (access: GitAccess) => Promise<T>,
): Promise<T> {
  // Short, since the path of a socket must be; closed to others, since mkdtemp makes it so.
  const directory = await mkdtemp(join(tmpdir(), 'slipway-ssh-'));
  const [config, knownHosts, socket] = ['config', 'known_hosts', 'agent'].map((name) =>
    join(directory, name),
  );
  try {
    await writeFile(knownHosts!, credential.knownHosts);
    await writeFile(config!, configText(url, knownHosts!, addresses?.[0]));
    return await work({
      environment: { GIT_SSH_COMMAND: `ssh -F ${quote(config!)}`, GIT_SSH_VARIANT: 'ssh' },
      wrapper: ['ssh-agent', '-a', socket!, '/bin/sh', '-c', SCRIPT, 'sh'],
      input: credential.privateKey,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** With a checked address ssh connects there, and judges the key by the name all the same. */
function configText(url: RemoteUrl, knownHosts: string, address: string | undefined): string {
  const route = address === undefined ? [] : [`HostName ${address}`];
  const names = [`HostKeyAlias ${hostKeyName(url)}`, `UserKnownHostsFile "${knownHosts}"`];
  return [...SETTINGS, ...route, ...names, ''].join('\n');
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
