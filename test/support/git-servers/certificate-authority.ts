import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server shows to be believed. */
export interface ServerCertificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A certificate authority of a test's own, made by openssl in a directory of the test. */
export class CertificateAuthority {
  /** What has to be given to whoever shall believe its certificates. */
  readonly file: string;
  readonly #key: string;

  constructor(private readonly directory: string) {
    this.file = join(directory, 'ca.pem');
    this.#key = join(directory, 'ca.key');
    const subject = ['-subj', '/CN=Authority of a test', '-days', '2'];
    openssl('req', '-x509', ...newKey(this.#key), ...subject, '-out', this.file);
  }

  /** A certificate for 127.0.0.1, localhost and git.test, which no name server knows. */
  issue(): ServerCertificate {
    const [key, request, cert, names] = ['key', 'csr', 'pem', 'ext'].map((end) =>
      join(this.directory, `server.${end}`),
    ) as [string, string, string, string];
    writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:git.test\n');
    openssl('req', '-new', ...newKey(key), '-subj', '/CN=127.0.0.1', '-out', request);
    const signers = ['-CA', this.file, '-CAkey', this.#key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, ...signers, '-days', '2', '-extfile', names, '-out', cert);
    return { key: readFileSync(key), cert: readFileSync(cert) };
  }
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
