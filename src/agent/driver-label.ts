import { DRIVER_LABEL } from '../protocol/driver-label.js';
import type { WorkerLabel } from '../protocol/operations.js';
import { ValidationError } from '../base/errors.js';
import type { AgentOptions } from './agent-options.js';
import type { Executor } from './executor/executor.js';

/** A worker's labels with the one that says how it runs steps. Throws a ValidationError when that one was given. */
export function labelsOf({ labels }: AgentOptions, { driver }: Executor): WorkerLabel[] {
  const given = labels.find(({ name }) => name === DRIVER_LABEL);
  if (given) throw ValidationError.of(`label ${DRIVER_LABEL}`, given.value, 'none: the worker finds it out');
  return [...labels, { name: DRIVER_LABEL, value: driver }];
}
