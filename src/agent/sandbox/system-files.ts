import { existsSync, lstatSync, readlinkSync } from 'node:fs';

/** Where programs and libraries are; on most machines all but /usr are links into it. */
const ROOTS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/**
 * What programs read in /etc of any machine, and nobody keeps a secret in. A list of what may be seen, since nobody
 * can list what may not: configuration of package managers, of git, and private keys stay outside.
 */
const CONFIGURATION = [
  '/etc/alternatives',
  '/etc/bash.bashrc',
  '/etc/ca-certificates',
  '/etc/crypto-policies',
  '/etc/debian_version',
  '/etc/fonts',
  '/etc/inputrc',
  '/etc/java-11-openjdk',
  '/etc/java-17-openjdk',
  '/etc/java-21-openjdk',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/magic',
  '/etc/mime.types',
  '/etc/nanorc',
  '/etc/os-release',
  '/etc/perl',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/tls/certs',
  '/etc/profile',
  '/etc/protocols',
  '/etc/python3',
  '/etc/python3.11',
  '/etc/rpc',
  '/etc/services',
  '/etc/shells',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/terminfo',
  '/etc/timezone',
];

/** bwrap's words for the part of the root that every sandbox shares: programs and their configuration, read-only. */
export function systemArguments(): string[] {
  return [
    ...ROOTS.flatMap(rootArguments),
    ...CONFIGURATION.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path]),
  ];
}

function rootArguments(path: string): string[] {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return [];
  return entry.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
