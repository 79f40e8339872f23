import type { Clock } from '../base/clock.js';
import { DomainError } from '../base/errors.js';
import type { Transaction } from '../database/hot-connection.js';
import { parseCompiled, type CompiledStep } from '../pipeline/index.js';
import {
  findOverdueSteps,
  findRunningSpecs,
  readSpecs,
  type OverdueStep,
  type StepLimit,
} from './step-deadlines.queries.js';

/** How often running steps are looked at: agents keep their limits, and this is for those that do not. */
const INTERVAL_MS = 15_000;
/** What a step may take beyond its limit before its agent is taken for one that does not keep it. */
const SLACK_MS = 60_000;
/** Longest pause of an agent before it tries again to run a step that could not begin. */
const RETRY_PAUSE_MS = 15_000;
const MAX_SPECS = 10_000;

/**
 * Finds steps that run on although their limit is over. Limits stand in the specs of jobs; each spec is read once and
 * remembered, so that what is looked at again and again are the few steps that have one.
 */
export class StepDeadlines {
  readonly #limits = new Map<string, readonly StepLimit[]>();
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: { readonly clock: Clock; readonly graceMs: number }) {}

  /** Nobody could report for a while: what looks overdue may have ended long ago. */
  wait(): void {
    this.#nextMs = this.options.clock.monotonic() + SLACK_MS;
  }

  /** Builds with an overdue step; none when it is not yet time to look again. */
  async findOverdue(transaction: Transaction): Promise<OverdueStep[]> {
    const nowMs = this.options.clock.monotonic();
    if (nowMs < this.#nextMs) return [];
    this.#nextMs = nowMs + INTERVAL_MS;
    const limits = await this.#limitsOf(transaction, await findRunningSpecs(transaction));
    return limits.length === 0 ? [] : findOverdueSteps(transaction, limits);
  }

  async #limitsOf(transaction: Transaction, specs: readonly Buffer[]): Promise<StepLimit[]> {
    if (this.#limits.size > MAX_SPECS) this.#limits.clear();
    const unknown = specs.filter((spec) => !this.#limits.has(keyOf(spec)));
    if (unknown.length > 0) {
      for (const { sha256, body } of await readSpecs(transaction, unknown))
        this.#limits.set(keyOf(sha256), limitsIn({ sha256, body }, this.options.graceMs));
    }
    return specs.flatMap((spec) => this.#limits.get(keyOf(spec)) ?? []);
  }
}

function limitsIn({ sha256, body }: { sha256: Buffer; body: string }, graceMs: number): StepLimit[] {
  return stepsOf(body).flatMap(({ number, timeoutMs, retry }) => {
    if (timeoutMs === undefined) return [];
    const retries = retry?.max ?? 0;
    const pausesMs = retry?.infrastructure === true ? retries * RETRY_PAUSE_MS : 0;
    const allowedMs = (retries + 1) * (timeoutMs + graceMs) + pausesMs + SLACK_MS;
    return [{ spec: sha256, number: number + 1, allowedMs }];
  });
}

/** A spec that cannot be read was refused by every agent: nothing of it runs. */
function stepsOf(body: string): readonly CompiledStep[] {
  try {
    return parseCompiled(body).steps;
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

function keyOf(spec: Buffer): string {
  return spec.toString('base64');
}
