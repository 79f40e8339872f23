import { timingSafeEqual } from 'node:crypto';
import { DomainError, ErrorCode } from '../base/errors.js';
import { cut } from '../base/text.js';
import { verify } from '../protocol/identity.js';
import type {
  AcceptAnswer,
  AcceptItem,
  BuildResult,
  ItemAnswer,
  LogChunk,
  RefusalReason,
  StepReport,
  UploadsAnswer,
} from '../protocol/messages.js';
import type { CreateUploadsInput } from '../protocol/operations.js';
import { acceptBytes } from '../protocol/signatures.js';
import { cleanSteps, decodeChunks, endingOf, isBuildId, resultHash } from './agent-reports.js';
import type { BuildFacts } from './facts.queries.js';
import {
  acceptAnswer,
  announced,
  answer,
  invalid,
  NOT_AN_ID,
  reported,
  settled,
  superseded,
} from './item-answers.js';
import type { OfferBook } from './offer-book.js';
import type { SealedPackage } from './packages.js';
import type { SessionIdentity, SessionServices } from './session-services.js';
import type { Verdict } from './settlement.js';

const MAX_MESSAGE_CHARS = 4_000;

/** An accept as it arrives: the proofs, and what is accepted. */
export interface AcceptRequestInput {
  readonly workerToken: string;
  readonly signature: string;
  readonly builds: readonly AcceptItem[];
}

/**
 * What an agent asks for its builds: checks the proofs that each operation carries, and hands the rest to the parts that
 * decide on the rows. Every item has its own answer; only a failure of the whole call is thrown.
 */
export class AgentOperations {
  constructor(
    private readonly identity: SessionIdentity,
    private readonly services: SessionServices,
    private readonly book: OfferBook,
  ) {}

  async accept(input: AcceptRequestInput): Promise<AcceptAnswer[]> {
    await this.#checkAccept(input);
    return Promise.all(input.builds.map((item) => this.#acceptOne(item)));
  }

  async refuse(
    items: readonly { buildId: string; attempt: number; reason: RefusalReason; message?: string | null }[],
  ): Promise<ItemAnswer[]> {
    return Promise.all(
      items.map(async ({ buildId, reason, message }) => {
        if (!isBuildId(buildId)) return answer(buildId, 'INVALID', NOT_AN_ID);
        const uncharged = reason === 'DRAINING';
        const verdict = await this.services.settler.settle({
          buildId,
          ending: uncharged ? 'WITHDRAWN' : 'REFUSED',
          status: uncharged ? 'WITHDRAWN' : 'REFUSED',
          failureKind: reason,
          error: typeof message === 'string' ? cut(message, MAX_MESSAGE_CHARS) : null,
          onlyIf: (facts) => this.#holds(facts) && !facts.accepted,
        });
        return this.#settled(buildId, verdict);
      }),
    );
  }

  async start(items: readonly { buildId: string; token: string }[]): Promise<ItemAnswer[]> {
    return this.#eachBuild(items, async ({ buildId }) =>
      reported(buildId, await this.services.reporter.start({ buildId, workerId: this.identity.workerId })),
    );
  }

  async reportSteps(
    items: readonly { buildId: string; token: string; steps: readonly StepReport[] }[],
  ): Promise<ItemAnswer[]> {
    return this.#eachBuild(items, async ({ buildId, steps }) => {
      const report = { buildId, workerId: this.identity.workerId, steps: cleanSteps(steps) };
      return reported(buildId, await this.services.reporter.report(report));
    });
  }

  async appendLogs(
    items: readonly { buildId: string; token: string; chunks: readonly LogChunk[] }[],
  ): Promise<ItemAnswer[]> {
    return this.#eachBuild(items, async ({ buildId, chunks }) => {
      const report = { buildId, workerId: this.identity.workerId, chunks: decodeChunks(chunks) };
      return reported(buildId, await this.services.reporter.append(report));
    });
  }

  async createUploads(items: readonly CreateUploadsInput[]): Promise<UploadsAnswer[]> {
    return Promise.all(
      items.map(async (item) => {
        let uploadIds: readonly string[] | null = null;
        const given = await this.#one(item, async ({ buildId, files }) => {
          const { workerId } = this.identity;
          const outcome = await this.services.announceUploads({ buildId, workerId, files });
          if (outcome.kind === 'ANNOUNCED') uploadIds = outcome.ids;
          return announced(buildId, outcome);
        });
        return { ...given, uploadIds };
      }),
    );
  }

  async finish(
    items: readonly { buildId: string; token: string; result: BuildResult }[],
  ): Promise<ItemAnswer[]> {
    return this.#eachBuild(items, async ({ buildId, result }) => {
      const verdict = await this.services.settler.settle({
        buildId,
        ...endingOf(result),
        resultSha256: resultHash(result),
        onlyIf: (facts) => facts.worker_id === this.identity.workerId && facts.accepted,
      });
      return this.#settled(buildId, verdict);
    });
  }

  async #checkAccept(input: AcceptRequestInput): Promise<void> {
    const check = await this.services.verifier.verifyWorkerToken(input.workerToken, this.identity);
    const fits =
      check.outcome === 'verified' &&
      check.claims.session === this.identity.session &&
      check.claims.epoch === this.identity.epoch;
    if (!fits) {
      const reason = check.outcome === 'verified' ? 'OTHER_SESSION' : check.reason;
      throw new DomainError(ErrorCode.FORBIDDEN, `the worker token is not good for this session: ${reason}`, {
        reason,
      });
    }
    const { serverOrigin, identityKey } = this.identity;
    const bytes = acceptBytes({
      serverOrigin,
      session: this.identity.session,
      epoch: this.identity.epoch,
      items: input.builds,
    });
    if (verify(identityKey, bytes, input.signature)) return;
    throw new DomainError(ErrorCode.FORBIDDEN, "the accept's signature is not the worker's", {
      reason: 'BAD_SIGNATURE',
    });
  }

  async #acceptOne(item: AcceptItem): Promise<AcceptAnswer> {
    const offer = this.book.find(item.buildId);
    if (offer !== undefined && !provesOpening(offer.sealed, item))
      return acceptAnswer(item.buildId, 'FORBIDDEN', PROOF);
    if (!isBuildId(item.buildId)) return acceptAnswer(item.buildId, 'INVALID', NOT_AN_ID);
    const verdict = await this.services.accepter.accept({
      buildId: item.buildId,
      workerId: this.identity.workerId,
      sessionId: this.identity.session,
      headSha256: item.headSha256,
      mayAccept: offer !== undefined,
    });
    switch (verdict.kind) {
      case 'ACCEPTED':
        this.book.accepted(item.buildId);
        return {
          ...acceptAnswer(item.buildId, 'OK'),
          status: 'RUNNING',
          hardDeadlineMs: verdict.hardDeadlineMs,
        };
      case 'CANCELED':
        await this.#endCanceledOffer(item.buildId);
        return { ...acceptAnswer(item.buildId, 'CANCELED'), status: 'CANCELED' };
      case 'STALE':
        this.book.ended(item.buildId);
        return { ...acceptAnswer(item.buildId, 'STALE_BUILD'), status: verdict.status };
      case 'MOVED':
        throw superseded();
    }
  }

  async #endCanceledOffer(buildId: string): Promise<void> {
    await this.services.settler.settle({
      buildId,
      ending: 'CANCELED',
      status: 'CANCELED',
      onlyIf: (facts) => !facts.accepted,
    });
    this.book.ended(buildId);
  }

  /** The seed's lock, per build: a token is refused unless it is this build's, on this worker. */
  async #refuseToken(buildId: string, token: string): Promise<ItemAnswer | undefined> {
    if (!isBuildId(buildId)) return answer(buildId, 'INVALID', NOT_AN_ID);
    const check = await this.services.verifier.verifyBuildToken(token, buildId, this.identity);
    if (check.outcome === 'verified') return undefined;
    this.services.logger.warn(
      { worker: this.identity.workerId, build: buildId, reason: check.reason },
      'build token refused',
    );
    return answer(
      buildId,
      'FORBIDDEN',
      `the build token is not good for this build on this worker: ${check.reason}`,
    );
  }

  #eachBuild<Item extends { readonly buildId: string; readonly token: string }>(
    items: readonly Item[],
    operation: (item: Item) => Promise<ItemAnswer>,
  ): Promise<ItemAnswer[]> {
    return Promise.all(items.map((item) => this.#one(item, operation)));
  }

  async #one<Item extends { readonly buildId: string; readonly token: string }>(
    item: Item,
    operation: (item: Item) => Promise<ItemAnswer>,
  ): Promise<ItemAnswer> {
    const refusal = await this.#refuseToken(item.buildId, item.token);
    if (refusal !== undefined) return refusal;
    try {
      return await operation(item);
    } catch (error) {
      return invalid(item.buildId, error);
    }
  }

  #settled(buildId: string, verdict: Verdict): ItemAnswer {
    this.book.ended(buildId);
    return settled(buildId, verdict);
  }

  #holds(facts: BuildFacts): boolean {
    return facts.worker_id === this.identity.workerId && facts.lease_session_id === this.identity.session;
  }
}

const PROOF = 'nonce and head are not those of the offer: the seal was not opened';

function provesOpening(sealed: SealedPackage, item: AcceptItem): boolean {
  const [given, expected] = [Buffer.from(item.nonce), Buffer.from(sealed.nonce)];
  return (
    item.attempt === sealed.build.attempt &&
    item.headSha256 === sealed.headSha256 &&
    given.length === expected.length &&
    timingSafeEqual(given, expected)
  );
}
