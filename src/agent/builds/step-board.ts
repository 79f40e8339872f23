import type { Clock } from '../../base/clock.js';
import { cut } from '../../base/text.js';
import type { CompiledPipeline } from '../../pipeline/index.js';
import { type StepReport, StepStatus } from '../../protocol/messages.js';
import type { Mask } from '../masking/mask.js';

/** Numbers of the steps that every build has before those of its pipeline. */
export const INIT_STEP = 0;
export const CLONE_STEP = 1;

/** UTF-16 units of an error that a server is sure to take. */
const MAX_ERROR = 2_000;

/** Number under which a step of the pipeline is reported. */
export function boardNumber(pipelineStep: number): number {
  return pipelineStep + CLONE_STEP;
}

/** How a step ended. */
export interface StepEnd {
  readonly status: StepStatus;
  readonly exitCode?: number | null;
  readonly error?: string | null;
}

interface Row {
  readonly name: string;
  status: StepStatus;
  exitCode: number | null;
  error: string | null;
  startedMs: number | null;
  endedMs: number | null;
}

/** Sends the state of steps; resolves when it was answered. */
export type SendSteps = (steps: readonly StepReport[]) => Promise<void>;

/**
 * What the steps of a build are doing, and that the server hears of it: one report is under way at a time, and the
 * next one carries all that has changed since.
 */
export class StepBoard {
  readonly #rows: readonly Row[];
  readonly #send: SendSteps;
  readonly #clock: Clock;
  readonly #mask: Mask;
  readonly #changed = new Set<number>();
  #reporting: Promise<void> | null = null;

  constructor(
    pipeline: CompiledPipeline,
    send: SendSteps,
    { clock, mask }: { readonly clock: Clock; readonly mask: Mask },
  ) {
    const names = ['init', 'clone', ...pipeline.steps.map((step) => step.name)];
    this.#rows = names.map(newRow);
    this.#send = send;
    this.#clock = clock;
    this.#mask = mask;
    names.forEach((_, number) => this.#changed.add(number));
  }

  start(number: number): void {
    this.#change(number, (row) => {
      row.status = StepStatus.RUNNING;
      row.startedMs = this.#clock.monotonic();
    });
  }

  end(number: number, { status, exitCode, error }: StepEnd): void {
    this.#change(number, (row) => {
      row.status = status;
      row.exitCode = exitCode ?? null;
      row.error = error === undefined || error === null ? null : cut(this.#mask.text(error), MAX_ERROR);
      if (row.startedMs !== null) row.endedMs = this.#clock.monotonic();
    });
  }

  /** Ends every step that has not ended. */
  endRest(status: StepStatus): void {
    this.#rows.forEach((row, number) => {
      if (row.status === StepStatus.PENDING || row.status === StepStatus.RUNNING)
        this.end(number, { status });
    });
  }

  /** Resolves when the server has answered all that was reported. */
  async settled(): Promise<void> {
    while (this.#reporting) await this.#reporting;
  }

  #change(number: number, change: (row: Row) => void): void {
    const row = this.#rows[number];
    if (!row) throw new RangeError(`the build has no step ${number}`);
    change(row);
    this.#changed.add(number);
    this.#reporting ??= this.#report();
  }

  async #report(): Promise<void> {
    try {
      while (this.#changed.size > 0) {
        const numbers = [...this.#changed].sort((a, b) => a - b);
        this.#changed.clear();
        await this.#send(numbers.map((number) => this.#reportOf(number)));
      }
    } finally {
      this.#reporting = null;
    }
  }

  #reportOf(number: number): StepReport {
    const { name, status, exitCode, error, startedMs, endedMs } = this.#rows[number]!;
    const elapsedMs =
      startedMs === null ? null : Math.round((endedMs ?? this.#clock.monotonic()) - startedMs);
    return { number, name, status, exitCode, error, elapsedMs };
  }
}

function newRow(name: string): Row {
  return { name, status: StepStatus.PENDING, exitCode: null, error: null, startedMs: null, endedMs: null };
}
