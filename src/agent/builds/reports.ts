import type { ItemAnswer } from '../../protocol/messages.js';
import {
  appendLogs,
  finishBuilds,
  startBuilds,
  updateSteps,
  type AppendLogsInput,
  type FinishBuildInput,
  type ItemsOperation,
  type StartBuildInput,
  type UpdateStepsInput,
} from '../../protocol/operations.js';
import type { Uplink } from '../session/uplink.js';
import { Outbox } from './outbox.js';

/** Log items of some 256 KiB each; a server takes a few of them in one message. */
const MAX_LOG_ITEMS = 8;

/** What the agent says of its builds, across sessions, until it is answered. */
export class Reports {
  readonly starts: Outbox<StartBuildInput>;
  readonly steps: Outbox<UpdateStepsInput>;
  readonly logs: Outbox<AppendLogsInput>;
  readonly ends: Outbox<FinishBuildInput>;

  constructor(uplink: Uplink) {
    this.starts = outboxOf(uplink, startBuilds, 'startBuilds');
    this.steps = outboxOf(uplink, updateSteps, 'updateSteps');
    this.logs = outboxOf(uplink, appendLogs, 'appendLogs', MAX_LOG_ITEMS);
    this.ends = outboxOf(uplink, finishBuilds, 'finishBuilds');
  }

  /** The build is not this worker's any more: nothing more is said of it. */
  forget(buildId: string): void {
    for (const outbox of [this.starts, this.steps, this.logs, this.ends]) outbox.forget(buildId);
  }
}

function outboxOf<Field extends string, Input extends { readonly buildId: string }>(
  uplink: Uplink,
  operation: ItemsOperation<Field, Input>,
  field: Field,
  maxItems?: number,
): Outbox<Input> {
  return new Outbox<Input>(async (items): Promise<readonly ItemAnswer[] | null> => {
    const answer = await uplink.call(operation, () => {
      const input = items();
      return input === null ? null : { input };
    });
    return answer?.[field] ?? null;
  }, maxItems);
}
