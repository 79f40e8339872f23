import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../src/database/embedded/free-port.js';
import { spawnProcess, type TestProcess } from '../processes.js';

/** A key pair of a test. */
export interface TestKey {
  readonly privateKey: string;
  readonly publicKey: string;
  /** As ssh-keygen prints it. */
  readonly fingerprint: string;
}

/** Makes a key pair in a directory of the test; the private half is removed from the disk at once. */
export function makeKey(directory: string, options: { type?: string; passphrase?: string } = {}): TestKey {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `key-${Math.random().toString(36).slice(2)}`);
  const { type = 'ed25519', passphrase = '' } = options;
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'a test', '-f', file]);
  const listed = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`]).toString();
  const key = {
    privateKey: readFileSync(file, 'utf8'),
    publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
    fingerprint: listed.split(' ')[1] ?? '',
  };
  execFileSync('rm', ['-f', file]);
  return key;
}

/** A real sshd on 127.0.0.1, run by the user of the test, through which git serves repositories of this machine. */
export class SshGitServer {
  #process: TestProcess | undefined;
  #port = 0;
  #hostKey: TestKey;
  readonly #hostKeyFile: string;
  readonly #authorized: string;

  constructor(private readonly directory: string) {
    chmodSync(directory, 0o700);
    this.#hostKeyFile = join(directory, 'host-key');
    this.#authorized = join(directory, 'authorized_keys');
    writeFileSync(this.#authorized, '', { mode: 0o600 });
    this.#hostKey = this.#makeHostKey();
  }

  get port(): number {
    return this.#port;
  }

  /** Lines by which a client knows this server. */
  get knownHosts(): string {
    const [type, key] = this.#hostKey.publicKey.split(' ');
    return `[127.0.0.1]:${this.#port} ${type} ${key}\n`;
  }

  get user(): string {
    return userInfo().username;
  }

  /** The URL of a repository by its path on this machine. */
  urlOf(path: string): string {
    return `ssh://${this.user}@127.0.0.1:${this.#port}${path}`;
  }

  /** Lets in whoever has the key. */
  authorize(key: TestKey, options = ''): void {
    writeFileSync(this.#authorized, `${options}${options && ' '}${key.publicKey}\n`, { mode: 0o600 });
  }

  /** Ends, and comes back with another host key on the same port. */
  async replaceHostKey(): Promise<void> {
    await this.stop();
    this.#hostKey = this.#makeHostKey();
    await this.start();
  }

  async start(): Promise<void> {
    this.#port ||= await findFreePort();
    const config = join(this.directory, 'sshd_config');
    writeFileSync(config, this.#config());
    this.#process = await spawnProcess('/usr/sbin/sshd', ['-D', '-e', '-f', config]);
    await this.#process.waitForLine(/Server listening on 127\.0\.0\.1/);
  }

  async stop(): Promise<void> {
    await this.#process?.kill('SIGTERM');
  }

  #makeHostKey(): TestKey {
    const key = makeKey(this.directory);
    writeFileSync(this.#hostKeyFile, key.privateKey, { mode: 0o600 });
    return key;
  }

  #config(): string {
    return [
      `Port ${this.#port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${this.#hostKeyFile}`,
      `AuthorizedKeysFile ${this.#authorized}`,
      `PidFile ${join(this.directory, 'sshd.pid')}`,
      'AuthenticationMethods publickey',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      // The directories of tests lie below /tmp, which everybody may write to.
      'StrictModes no',
      'UsePAM no',
      'LogLevel VERBOSE',
      '',
    ].join('\n');
  }
}
