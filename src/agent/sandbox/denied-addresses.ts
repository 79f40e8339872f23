import { networkInterfaces } from 'node:os';

/**
 * What no build may reach through the machine's network: private networks, where control planes and other people's
 * services are, and the addresses at which clouds give out credentials.
 */
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** The same with the machine's own addresses, at which its services listen, whatever network they are of. */
export function deniedAddresses(): string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `${address}/32`);
  return [...new Set([...PRIVATE, ...own])];
}
