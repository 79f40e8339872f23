import { readFile } from 'node:fs/promises';
import type { NetworkPolicy } from '../agent-options.js';
import { USER_NETWORK_RESOLVER } from './user-network.js';

/** The text of /etc/resolv.conf in a sandbox with this network. */
export async function resolversOf(network: NetworkPolicy): Promise<string> {
  switch (network) {
    case 'none':
      return '';
    case 'nat':
      return USER_NETWORK_RESOLVER;
    case 'host':
      return readFile('/etc/resolv.conf', 'utf8').catch(() => ''); // A machine without names.
  }
}
