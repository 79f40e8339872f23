import { createHmac } from 'node:crypto';
import type { Logger } from '../base/logger.js';
import { lp } from '../protocol/lp.js';
import { sha256Text } from '../protocol/hash.js';
import {
  PROTOCOL_VERSION,
  type BuildPackage,
  type PackageHead,
  type SealContent,
} from '../protocol/messages.js';
import type { Sealer } from '../protocol/seal.js';
import type { CompiledPipeline } from '../pipeline/index.js';
import type { CredentialReader } from '../repos/index.js';
import type { SecretReader } from '../secrets/index.js';
import type { TokenIssuer, UnreadableEnvelope } from '../tokens/index.js';
import type { ClaimedBuild } from './claim.queries.js';

/** How long the stages of a build may take, in milliseconds. */
export interface BuildDeadlines {
  readonly prepareMs: number;
  readonly cancelGraceMs: number;
}

/** Whom a package is for. */
export interface PackageAddress {
  readonly session: string;
  readonly epoch: number;
  readonly worker: string;
  readonly thumbprint: string;
  readonly sealer: Sealer;
}

/** What came of making a package. */
export type PackageMaking =
  | { readonly kind: 'MADE'; readonly sealed: SealedPackage }
  /** The build must not run: something that its seal needs cannot be read. */
  | { readonly kind: 'UNSEALABLE'; readonly failureKind: string; readonly reason: string };

/** A package, with what its accept must prove. */
export interface SealedPackage {
  readonly package: BuildPackage;
  readonly build: ClaimedBuild;
  readonly headSha256: string;
  readonly nonce: string;
}

/** A package about to be sealed. */
interface Sealing {
  readonly build: ClaimedBuild;
  readonly pipeline: CompiledPipeline;
  readonly content: Omit<SealContent, 'buildToken' | 'nonce'>;
}

/** What a build token allows; no scope exists for secrets. */
const SCOPES = ['build:report', 'build:log', 'build:finish'] as const;
/** A token outlives its build's deadline by this, for the last log chunks and the result. */
const TOKEN_GRACE_MS = 60_000;

/** Makes the packages of builds: head, token, seal, in this order, since each binds the one before. */
export class PackageMaker {
  constructor(
    private readonly options: {
      issuer: TokenIssuer;
      nonceKey: () => Uint8Array;
      deadlines: BuildDeadlines;
      secrets: SecretReader;
      credentials: CredentialReader;
      logger: Logger;
    },
  ) {}

  /**
   * The package of a claimed build for one session; made again for another session it has the same head, and the
   * secrets and the clone's credential as they are by then. Rejects while they cannot be read; whoever asks does so again.
   */
  async make(build: ClaimedBuild, address: PackageAddress): Promise<PackageMaking> {
    const pipeline = JSON.parse(build.spec) as CompiledPipeline;
    const { secrets: secretReader, credentials } = this.options;
    const { build_id: buildId, repo_id: repoId, vcs_url: url } = build;
    const [read, clone] = await Promise.all([
      secretReader.read({ id: buildId, repo: build.repo, pipeline }),
      credentials.read({ buildId, repoId, url }),
    ]);
    if (read.kind === 'UNREADABLE') return this.#unsealable(buildId, 'SECRET', read);
    if (clone.kind === 'UNREADABLE') return this.#unsealable(buildId, 'CREDENTIAL', clone);
    const { secrets, refusedSecrets } = read;
    const content = { secrets, refusedSecrets, credential: clone.credential };
    return { kind: 'MADE', sealed: await this.#seal({ build, pipeline, content }, address) };
  }

  #unsealable(
    build: string,
    what: 'SECRET' | 'CREDENTIAL',
    { reason, cause }: { readonly reason: string; readonly cause: UnreadableEnvelope },
  ): PackageMaking {
    this.options.logger.error({ err: cause, build }, `a ${what.toLowerCase()} cannot be opened`);
    return { kind: 'UNSEALABLE', failureKind: `${what}_UNREADABLE`, reason };
  }

  async #seal({ build, pipeline, content }: Sealing, address: PackageAddress): Promise<SealedPackage> {
    const head = serialiseHead(build, pipeline, this.options.deadlines);
    const headSha256 = sha256Text(head);
    const nonce = this.#nonce(build);
    const { token } = await this.options.issuer.issueBuildToken(
      {
        buildId: build.build_id,
        jobId: build.job_id,
        attempt: build.attempt,
        slot: build.slot,
        workerId: address.worker,
        thumbprint: address.thumbprint,
        headSha256,
        scopes: SCOPES,
      },
      build.timeout_ms + this.options.deadlines.prepareMs + TOKEN_GRACE_MS,
    );
    const sealed = await address.sealer.seal(
      { buildToken: token, nonce, ...content },
      {
        session: address.session,
        epoch: address.epoch,
        build: build.build_id,
        attempt: build.attempt,
        worker: address.worker,
        slot: build.slot,
        headSha256,
      },
    );
    return {
      package: { __typename: 'BuildPackage', buildId: build.build_id, head, ...sealed },
      build,
      headSha256,
      nonce,
    };
  }

  /** Derived, not stored: every replica that pushes the build again knows the nonce that its accept must spend. */
  #nonce(build: ClaimedBuild): string {
    const bytes = lp('slipway/nonce/v1', build.build_id, build.attempt, build.offer);
    return createHmac('sha256', this.options.nonceKey()).update(bytes).digest('base64url');
  }
}

/** The head's bytes follow from the build's row alone, so that they are the same for the life of the build. */
function serialiseHead(build: ClaimedBuild, pipeline: CompiledPipeline, deadlines: BuildDeadlines): string {
  const head: PackageHead = {
    version: PROTOCOL_VERSION,
    build: build.build_id,
    job: build.job_id,
    attempt: build.attempt,
    worker: build.worker_id,
    slot: build.slot,
    repo: build.repo,
    project: build.project,
    number: build.number,
    target: build.target,
    event: build.event,
    branch: build.branch,
    pipeline,
    checkout: { url: build.vcs_url, ref: build.vcs_ref, commit: build.vcs_commit },
    deadlines: {
      prepareMs: deadlines.prepareMs,
      runMs: build.timeout_ms,
      cancelGraceMs: deadlines.cancelGraceMs,
    },
    traceparent: null,
  };
  return JSON.stringify(head);
}
