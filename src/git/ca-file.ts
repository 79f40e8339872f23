import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DomainError, ErrorCode, quote } from '../base/errors.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The absolute path of a file of certificate authorities; undefined stays undefined. Throws a DomainError unless every
 * certificate in it can be read and there is one: git would say so only when it clones.
 */
export async function checkCaFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const absolute = resolve(path);
  const text = await readFile(absolute, 'utf8').catch((cause: unknown) => {
    throw unusable(path, 'it cannot be read', cause);
  });
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unusable(path, 'there is no certificate in it');
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw unusable(path, 'a certificate in it cannot be read', cause);
    }
  }
  return absolute;
}

function unusable(path: string, reason: string, cause?: unknown): DomainError {
  const message = `SLIPWAY_GIT_CA_FILE: got ${quote(path)}, but ${reason}; expected certificates in PEM form`;
  return new DomainError(ErrorCode.VALIDATION_FAILED, message, {}, { cause });
}
