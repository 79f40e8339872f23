import type { Clock } from '../../base/clock.js';
import { fullJitterMs } from '../../base/backoff.js';
import { DomainError } from '../../base/errors.js';
import { sign, type SigningKeyPair } from '../../protocol/identity.js';
import { createUploads, type UploadFile } from '../../protocol/operations.js';
import { uploadBytes } from '../../protocol/signatures.js';
import type { Uplink } from '../session/uplink.js';
import { putFile } from './put-file.js';

const RETRY = { baseMs: 500, maxMs: 10_000 };
const MAX_ATTEMPTS = 8;

/** The build in whose name a file is uploaded. */
export interface UploadOwner {
  readonly buildId: string;
  readonly token: string;
}

/** A file to upload. */
export interface UploadRequest {
  readonly owner: UploadOwner;
  readonly file: UploadFile;
  /** Its bytes, from the beginning each time. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** Brings files to the server. */
export interface Uploader {
  /** Null once the server has it, or why it never will. */
  upload(request: UploadRequest): Promise<string | null>;
}

/** What an uploader is made of. */
export interface UploaderParts {
  readonly serverUrl: string;
  readonly identity: SigningKeyPair;
  readonly uplink: Uplink;
  readonly clock: Clock;
}

/**
 * Announces a file on the session and sends it by HTTP, signed by the worker's identity key. What was interrupted is
 * sent again under the same id, of which the server takes one.
 */
export class HttpUploader implements Uploader {
  constructor(private readonly parts: UploaderParts) {}

  async upload(request: UploadRequest): Promise<string | null> {
    const announced = await this.#announce(request);
    return announced.id === null ? announced.problem : this.#send(announced.id, request);
  }

  async #announce({
    owner,
    file,
    signal,
  }: UploadRequest): Promise<{ id: string } | { id: null; problem: string | null }> {
    try {
      const input = [{ ...owner, files: [file] }];
      const data = await this.parts.uplink.call(createUploads, () => (signal.aborted ? null : { input }));
      const answer = data?.createUploads[0];
      const id = answer?.uploadIds?.[0];
      if (id !== undefined) return { id };
      return { id: null, problem: answer?.message ?? answer?.outcome ?? 'the build is being ended' };
    } catch (error) {
      if (error instanceof DomainError) return { id: null, problem: error.message };
      throw error;
    }
  }

  async #send(uploadId: string, { file, read, signal }: UploadRequest): Promise<string | null> {
    const { serverUrl, identity, clock } = this.parts;
    const { sha256, bytes } = file;
    const serverOrigin = new URL(serverUrl).origin;
    const signature = sign(identity.privateKey, uploadBytes({ serverOrigin, uploadId, sha256, bytes }));
    const url = new URL(`/uploads/${uploadId}`, serverUrl);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await putFile({ url, signature, bytes, content: read(), signal });
      if (outcome.kind === 'TAKEN') return null;
      if (outcome.kind === 'REFUSED' || attempt + 1 >= MAX_ATTEMPTS || signal.aborted) return outcome.reason;
      await clock.sleep(fullJitterMs(attempt, RETRY), signal).catch(() => undefined); // Aborted: said above.
    }
  }
}
