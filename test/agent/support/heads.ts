import { randomUUID } from 'node:crypto';
import type { CompiledStep } from '../../../src/pipeline/index.js';
import type { PackageHead } from '../../../src/protocol/messages.js';
import { stepOf } from './step.js';

/** The head of a package whose steps run these commands, without a clone. */
export function headOf(
  worker: string,
  steps: readonly (readonly string[] | CompiledStep)[],
  rest: Partial<PackageHead> = {},
): PackageHead {
  const compiled = steps.map((step, index) => ({
    ...('commands' in step ? step : stepOf(step)),
    number: index + 1,
    name: 'commands' in step ? step.name : `step ${index + 1}`,
  }));
  return {
    version: 1,
    build: randomUUID(),
    job: randomUUID(),
    attempt: 1,
    worker,
    slot: 0,
    repo: 'acme/app',
    project: 'acme/app',
    number: 17,
    target: 'x86_64-linux',
    event: 'push',
    branch: 'main',
    pipeline: {
      version: '1',
      clone: false,
      labels: {},
      environment: {},
      steps: compiled,
      skipped: [],
      warnings: [],
    },
    checkout: { url: '/nowhere', ref: null, commit: '0'.repeat(40) },
    deadlines: { prepareMs: 60_000, runMs: 60_000, cancelGraceMs: 5_000 },
    traceparent: null,
    ...rest,
  };
}
