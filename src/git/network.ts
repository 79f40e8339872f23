import { BlockList, isIP, isIPv4 } from 'node:net';

/** Hosts that an operator trusts the server to connect to although they are not on the public internet. */
export type AllowedHost =
  | { readonly kind: 'NAME'; readonly name: string }
  | { readonly kind: 'NETWORK'; readonly address: string; readonly prefix: number };

const NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

/** Reads a host name, an address or a network (`10.0.0.0/8`); undefined for anything else. */
export function parseAllowedHost(given: string): AllowedHost | undefined {
  const [address = '', bits, ...rest] = given.toLowerCase().split('/');
  const family = isIP(address);
  if (family === 0)
    return bits === undefined && NAME.test(address) ? { kind: 'NAME', name: address } : undefined;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return rest.length === 0 && prefix <= most ? { kind: 'NETWORK', address, prefix } : undefined;
}

/** As {@link parseAllowedHost} reads it. */
export function formatAllowedHost(host: AllowedHost): string {
  return host.kind === 'NAME' ? host.name : `${host.address}/${host.prefix}`;
}

/** IPv4 networks that are private, of this machine, of this link, or nobody's (RFC 6890 and its successors). */
const NOT_PUBLIC = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
/** Of IPv6 only this is the public internet, but for what carries IPv4 addresses or documents. */
const GLOBAL = listOf(['2000::/3']);
const NOT_GLOBAL = listOf(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/** True for an address of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC.check(address, 'ipv4');
  return isIP(address) === 6 && GLOBAL.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6');
}

/** True for an address in one of the networks. */
export function isWithin(address: string, networks: readonly AllowedHost[]): boolean {
  return blockListOf(networks).check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function listOf(networks: readonly string[]): BlockList {
  return blockListOf(networks.map(parseAllowedHost).filter((network) => network !== undefined));
}

function blockListOf(networks: readonly AllowedHost[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    if (network.kind === 'NETWORK') {
      list.addSubnet(network.address, network.prefix, isIPv4(network.address) ? 'ipv4' : 'ipv6');
    }
  }
  return list;
}
