import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type AllowedHost, isPublicAddress, isWithin } from '../git/network.js';
import { GitError, GitFailure } from './git-error.js';

/** All addresses of a host; rejects where it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/**
 * Decides to which addresses the server's git may connect: those of the public internet, and what the operator has
 * listed. Whoever may name a clone URL could otherwise have the server ask what only it can reach: a metadata service,
 * the loopback interface, a neighbour without a lock.
 */
export class AddressGuard {
  constructor(
    private readonly allowed: readonly AllowedHost[],
    private readonly resolve: ResolveHost = lookUp,
  ) {}

  /**
   * The addresses of a host that may be connected to, of which the caller uses no other ones: the next look-up could
   * say something else. Throws {@link GitError}: REFUSED_ADDRESS, UNREACHABLE for a name that is not known.
   */
  async check(host: string): Promise<readonly string[]> {
    const bare = host.replace(/^\[(.*)\]$/, '$1');
    const addresses = isIP(bare) === 0 ? await this.#addressesOf(bare) : [bare];
    const usable = addresses.filter((address) => this.#isAllowed(bare, address));
    if (usable.length > 0) return usable;
    throw new GitError(GitFailure.REFUSED_ADDRESS, refusalOf(bare, addresses));
  }

  #isAllowed(host: string, address: string): boolean {
    if (isPublicAddress(address) || isWithin(address, this.allowed)) return true;
    return this.allowed.some((allowed) => allowed.kind === 'NAME' && allowed.name === host);
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    try {
      return await this.resolve(host);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new GitError(GitFailure.UNREACHABLE, `the host ${host} has no address (${code})`);
    }
  }
}

async function lookUp(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function refusalOf(host: string, addresses: readonly string[]): string {
  const what = addresses[0] === host ? host : `${host} (${addresses.join(', ')})`;
  return `${what} is not on the public internet, expected a host that is, or one that SLIPWAY_GIT_ALLOW_HOSTS lists (by name, address or network)`;
}
