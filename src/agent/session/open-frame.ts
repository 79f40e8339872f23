import { sha256Text } from '../../protocol/hash.js';
import { verifyByKeySet } from '../../protocol/key-set.js';
import {
  type BuildPackage,
  type Frame,
  KeyPurpose,
  type PackageHead,
  type SealContent,
} from '../../protocol/messages.js';
import { offerBytes } from '../../protocol/signatures.js';
import { readHead } from './package-head.js';
import type { Session } from './session.js';

/** An offered build, proven to come from the server and to be for this worker. */
export interface Offer {
  readonly head: PackageHead;
  readonly headSha256: string;
  readonly content: SealContent;
}

/** A package that may be acted on, or why it may not. */
export type OpenedPackage =
  | { readonly kind: 'OFFER'; readonly offer: Offer }
  | { readonly kind: 'DROPPED'; readonly buildId: string; readonly reason: string };

/**
 * Opens the packages of a frame. Nothing of a package is read before the frame's signature is verified; then the
 * seal must open for exactly this head, session and slot. What fails is dropped: the agent runs nothing that its key
 * set did not sign.
 */
export async function openFrame(
  session: Session,
  frame: Frame,
  context: { readonly serverOrigin: string; readonly nowMs: number },
): Promise<OpenedPackage[]> {
  const packages = frame.events.filter((event) => event.__typename === 'BuildPackage');
  if (packages.length === 0) return [];
  const refusal = refuseSignature(session, frame, { ...context, packages });
  if (refusal !== null) return packages.map(({ buildId }) => dropped(buildId, refusal));
  return Promise.all(packages.map((each) => openPackage(session, each)));
}

interface SignedContext {
  readonly serverOrigin: string;
  readonly nowMs: number;
  readonly packages: readonly BuildPackage[];
}

function refuseSignature(
  { statement, keySet }: Session,
  frame: Frame,
  context: SignedContext,
): string | null {
  if (frame.kid === null || frame.signature === null) return 'the frame is not signed';
  const { workerId: worker, session, epoch } = statement;
  const { serverOrigin, packages, nowMs } = context;
  const check = verifyByKeySet(keySet, {
    kid: frame.kid,
    purpose: KeyPurpose.OFFER,
    nowMs,
    bytes: offerBytes({ serverOrigin, worker, session, epoch, frameSeq: frame.seq, packages }),
    signature: frame.signature,
  });
  return check === 'VERIFIED' ? null : `the frame's signature does not count: ${check}`;
}

async function openPackage({ statement, unsealer }: Session, sent: BuildPackage): Promise<OpenedPackage> {
  const head = readHead(sent.head);
  if (typeof head === 'string') return dropped(sent.buildId, head);
  if (head.build !== sent.buildId) return dropped(sent.buildId, `its head is of build ${head.build}`);
  if (head.worker !== statement.workerId)
    return dropped(sent.buildId, `its head is for worker ${head.worker}`);
  const headSha256 = sha256Text(sent.head);
  const { build, attempt, worker, slot } = head;
  const { session, epoch } = statement;
  const unsealed = await unsealer.open(sent, { session, epoch, build, attempt, worker, slot, headSha256 });
  return unsealed.outcome === 'opened'
    ? { kind: 'OFFER', offer: { head, headSha256, content: unsealed.content } }
    : dropped(sent.buildId, 'its seal does not open');
}

function dropped(buildId: string, reason: string): OpenedPackage {
  return { kind: 'DROPPED', buildId, reason };
}
