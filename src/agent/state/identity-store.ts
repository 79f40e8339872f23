import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  exportPrivateKey,
  generateKeyPair,
  importPrivateKey,
  type SigningKeyPair,
} from '../../protocol/identity.js';
import { replaceFileDurably } from './atomic-file.js';
import { isErrno } from './errno.js';
import { parseRegistration, serialiseRegistration, type Registration } from './registration.js';
import { checkPrivate, unusable } from './state-dir.js';

const KEY_FILE = 'identity.key';
const REGISTRATION_FILE = 'worker.json';

/** Who this worker is, across restarts. Files of mode 0600 that are replaced whole and durably. */
export class IdentityStore {
  readonly identity: SigningKeyPair;
  readonly #path: string;
  #registration: Registration | null;

  private constructor(stateDir: string, identity: SigningKeyPair, registration: Registration | null) {
    this.#path = join(stateDir, REGISTRATION_FILE);
    this.identity = identity;
    this.#registration = registration;
  }

  /**
   * Reads the identity, or makes and keeps its key before anybody hears of it. Throws a DomainError for files that
   * others may read, broken files, and a registration whose key is gone.
   */
  static async open(stateDir: string): Promise<IdentityStore> {
    const registration = await readRegistration(join(stateDir, REGISTRATION_FILE));
    const keyPath = join(stateDir, KEY_FILE);
    const identity = (await readIdentity(keyPath)) ?? (await makeIdentity(keyPath, registration));
    return new IdentityStore(stateDir, identity, registration);
  }

  /** Null until the worker is registered. */
  get registration(): Registration | null {
    return this.#registration;
  }

  /** Keeps a registration; it is durable once this resolves. */
  async save(registration: Registration): Promise<void> {
    await replaceFileDurably(this.#path, serialiseRegistration(registration));
    this.#registration = registration;
  }
}

async function makeIdentity(path: string, registration: Registration | null): Promise<SigningKeyPair> {
  if (registration) {
    const problem = `is missing, although the worker is registered as ${registration.workerId}`;
    throw unusable(path, problem, 'the key of that worker, or an empty state directory and a new enrolment');
  }
  const identity = generateKeyPair();
  await replaceFileDurably(path, exportPrivateKey(identity.privateKey));
  return identity;
}

async function readIdentity(path: string): Promise<SigningKeyPair | undefined> {
  const bytes = await readPrivately(path);
  if (bytes === undefined) return undefined;
  try {
    return importPrivateKey(bytes);
  } catch {
    // The reason may not be told: it would quote the key.
    throw unusable(path, 'holds no Ed25519 key', 'the key that the agent wrote there');
  }
}

async function readRegistration(path: string): Promise<Registration | null> {
  const bytes = await readPrivately(path);
  if (bytes === undefined) return null;
  const registration = parseRegistration(bytes.toString('utf8'));
  if (registration) return registration;
  throw unusable(
    path,
    'is broken',
    'the JSON that the agent wrote there; restore it, or empty the state directory and enrol again',
  );
}

async function readPrivately(path: string): Promise<Buffer | undefined> {
  try {
    await checkPrivate(path, 'file');
    return await readFile(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
