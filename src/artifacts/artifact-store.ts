import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DomainError, ErrorCode, notFound, ValidationError } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { verify } from '../protocol/identity.js';
import { uploadBytes } from '../protocol/signatures.js';
import type { ByteRange, ObjectStore } from '../storage/index.js';
import { findStored, findUpload, markStored, type StoredArtifact, type Upload } from './artifacts.queries.js';

export interface ArtifactStoreOptions {
  readonly db: Queryable;
  readonly objects: ObjectStore;
  /** By which of these addresses the agent knows the server is part of its signature. */
  readonly origins: () => readonly string[];
}

/** A file on its way in. */
export interface IncomingUpload {
  readonly id: string;
  /** By the worker's identity key over `uploadBytes`. */
  readonly signature: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Takes the files that were announced, and gives them out. */
export class ArtifactStore {
  constructor(private readonly options: ArtifactStoreOptions) {}

  /**
   * Takes a file while it comes; it counts when its bytes are those that were announced. One that is there already is
   * not read again. Throws NOT_FOUND, FORBIDDEN, VALIDATION_FAILED or STALE_BUILD; then nothing is kept.
   */
  async receive({ id, signature, content }: IncomingUpload): Promise<void> {
    const { db, objects } = this.options;
    const upload = await findUpload(db, id);
    if (upload === undefined) throw notFound('upload', id);
    this.#checkSignature(upload, signature);
    if (upload.is_stored) return;
    const key = keyOf(upload);
    await objects.put(key, checked(content, upload), { maxBytes: upload.bytes });
    if (await markStored(db, upload)) return;
    await objects.remove(key);
    throw new DomainError(ErrorCode.STALE_BUILD, 'the build is over: nothing more of it is taken');
  }

  /** What is known of an artifact. Throws NOT_FOUND. */
  async find(id: string): Promise<StoredArtifact> {
    const artifact = await findStored(this.options.db, id);
    if (artifact === undefined) throw notFound('artifact', id);
    return artifact;
  }

  /** The bytes of an artifact, read as they are consumed. */
  open(artifact: StoredArtifact, range?: ByteRange): Promise<Readable> {
    return this.options.objects.open(keyOf(artifact), range);
  }

  #checkSignature({ id, bytes, sha256, identity_key }: Upload, signature: string): void {
    const fields = { uploadId: id, sha256: sha256.toString('hex'), bytes };
    const key = identity_key.toString('base64url');
    const isSigned = this.options
      .origins()
      .some((serverOrigin) => verify(key, uploadBytes({ serverOrigin, ...fields }), signature));
    if (!isSigned) throw new DomainError(ErrorCode.FORBIDDEN, "the upload's signature is not the worker's");
  }
}

function keyOf({ build_id, id }: { readonly build_id: string; readonly id: string }): string {
  return `artifacts/${build_id}/${id}`;
}

/** The same bytes; fails at their end unless they are what was announced, so that nothing else is ever stored. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  { bytes, sha256 }: Upload,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    received += chunk.byteLength;
    yield chunk;
  }
  if (received !== bytes) throw ValidationError.of('bytes', received, `the ${bytes} that were announced`);
  const found = hash.digest();
  if (!found.equals(sha256))
    throw ValidationError.of('sha256', found.toString('hex'), sha256.toString('hex'));
}
