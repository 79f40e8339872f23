import { registerEnumType } from 'type-graphql';
import { BuildStatus } from '../builds/builds.state.js';
import { ChangeState } from '../changes/changes.state.js';
import { GroupProjectState } from '../groups/group-projects.state.js';
import { GroupState } from '../groups/groups.state.js';
import { JobState } from '../jobs/jobs.state.js';
import { WaitingReason } from '../jobs/waiting.state.js';
import { LogPieceKind, StepLogState } from '../logs/index.js';
import { ItemOutcome, RefusalReason, ResultStatus, StepStatus } from '../protocol/messages.js';
import { CredentialKind } from '../repos/index.js';
import { SecretScope } from '../secrets/index.js';
import { WorkerStatus } from '../workers/workers.state.js';

/** Makes the states of the domains known to GraphQL; before the schema is built. */
export function registerEnums(): void {
  registerEnumType(BuildStatus, { name: 'BuildStatus', description: 'Life of one attempt of a job.' });
  registerEnumType(ChangeState, { name: 'ChangeState', description: 'Life of a change.' });
  registerEnumType(CredentialKind, {
    name: 'CredentialKind',
    description: 'What the clone of a repo shows to its git server.',
  });
  registerEnumType(GroupProjectState, { name: 'GroupProjectState', description: "Life of a group's node." });
  registerEnumType(GroupState, { name: 'GroupState', description: 'Life of a group.' });
  registerEnumType(ItemOutcome, { name: 'ItemOutcome', description: 'Fate of one item of a list.' });
  registerEnumType(JobState, { name: 'JobState', description: 'Life of a job.' });
  registerEnumType(LogPieceKind, { name: 'LogPieceKind', description: 'What a piece of a log is.' });
  registerEnumType(RefusalReason, { name: 'RefusalReason', description: 'Why a worker refuses an offer.' });
  registerEnumType(ResultStatus, {
    name: 'ResultStatus',
    description: 'How a build ended, as its agent says.',
  });
  registerEnumType(SecretScope, { name: 'SecretScope', description: 'Whose a secret is.' });
  registerEnumType(StepLogState, { name: 'StepLogState', description: "Life of a step's log." });
  registerEnumType(StepStatus, { name: 'StepStatus', description: 'Life of a step.' });
  registerEnumType(WaitingReason, {
    name: 'WaitingReason',
    description: 'Why something waits: the first of these that holds.',
    valuesConfig: {
      BACKOFF: { description: 'It, or each worker that could take it, is left alone after a failure.' },
      NO_WORKER_FOR_TARGET: { description: 'No worker of its target is connected.' },
      NO_MATCHING_LABELS: {
        description: 'None of them has the labels that it needs, or may serve its repo.',
      },
      CONCURRENCY_GROUP: { description: 'Its concurrency group has as many builds as it may.' },
      REPO_LIMIT: { description: 'Its repo has as many builds as it may.' },
      ALL_WORKERS_BUSY: { description: 'All workers that could take it have as many builds as they may.' },
      WAITING_FOR_DEPENDENCIES: { description: 'What it depends on is not built yet.' },
      WAITING: { description: 'Nothing of this: its turn is about to come.' },
    },
  });
  registerEnumType(WorkerStatus, { name: 'WorkerStatus', description: 'What a worker is doing.' });
}
