import { DomainError } from '../../base/errors.js';
import { readCompiled, type CompiledPipeline } from '../../pipeline/index.js';
import { RefusalReason } from '../../protocol/messages.js';
import type { Offer } from '../session/open-frame.js';
import { planStages } from './stage-plan.js';

/** What decides whether an offer can be taken. */
export interface Capacity {
  /** Builds that the agent holds already, this one not counted. */
  readonly held: number;
  readonly buildLimit: number;
  readonly isDraining: boolean;
  readonly freeDiskBytes: number;
  readonly minFreeDiskBytes: number;
  readonly targets: readonly string[];
}

/** Whether an offer is taken. */
export type OfferVerdict =
  | { readonly kind: 'TAKE'; readonly pipeline: CompiledPipeline }
  | { readonly kind: 'REFUSE'; readonly reason: RefusalReason; readonly message: string };

/** Decides on an offer. What this worker can never run is INCAPABLE; everything else may pass. */
export function judgeOffer({ head }: Offer, capacity: Capacity): OfferVerdict {
  const { held, buildLimit, freeDiskBytes, minFreeDiskBytes, targets } = capacity;
  if (capacity.isDraining) return refuse(RefusalReason.DRAINING, 'the agent is about to stop');
  if (held >= buildLimit) return refuse(RefusalReason.BUSY, `${held} of ${buildLimit} builds are held`);
  if (freeDiskBytes < minFreeDiskBytes) {
    const message = `${freeDiskBytes} bytes of disk are free, at least ${minFreeDiskBytes} are kept`;
    return refuse(RefusalReason.NO_SPACE, message);
  }
  if (!targets.includes(head.target)) {
    return refuse(RefusalReason.INCAPABLE, `target ${head.target} is not one of ${targets.join(', ')}`);
  }
  return takePipeline(head.pipeline);
}

/** A pipeline that this agent cannot read comes from a newer server. */
function takePipeline(pipeline: unknown): OfferVerdict {
  try {
    const compiled = readCompiled(pipeline);
    planStages(compiled);
    return { kind: 'TAKE', pipeline: compiled };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refuse(RefusalReason.INCAPABLE, error.message);
  }
}

function refuse(reason: RefusalReason, message: string): OfferVerdict {
  return { kind: 'REFUSE', reason, message };
}
