import { Field, ID, InputType, Int } from 'type-graphql';
import { RefusalReason } from '../../protocol/messages.js';
import type * as protocol from '../../protocol/operations.js';
import { LogChunkInput, StepReportInput } from './build-reports.input.js';
import { BuildResultInput } from './build-result.input.js';

/** A refused offer. */
@InputType({ description: 'An offer that a worker gives back.' })
export class RefuseBuildInput implements protocol.RefuseBuildInput {
  @Field(() => ID, { description: 'Build.' })
  readonly buildId: string;

  @Field(() => Int, { description: 'Attempt, as in the package.' })
  readonly attempt: number;

  @Field(() => RefusalReason, { description: 'Why.' })
  readonly reason: RefusalReason;

  @Field(() => String, { nullable: true, description: 'More, for people.' })
  readonly message: string | null;
}

/** A build that starts. */
@InputType({ description: 'A build whose first step is about to run.' })
export class StartBuildInput implements protocol.StartBuildInput {
  @Field(() => ID, { description: 'Build.' })
  readonly buildId: string;

  @Field(() => String, { description: 'Build token.' })
  readonly token: string;
}

/** Steps of a build. */
@InputType({ description: 'What the steps of a build are doing.' })
export class UpdateStepsInput extends StartBuildInput implements protocol.UpdateStepsInput {
  @Field(() => [StepReportInput], { description: 'The steps that changed.' })
  readonly steps: readonly StepReportInput[];
}

/** Log of a build. */
@InputType({ description: 'Pieces of the log of a build.' })
export class AppendLogsInput extends StartBuildInput implements protocol.AppendLogsInput {
  @Field(() => [LogChunkInput], { description: 'The pieces.' })
  readonly chunks: readonly LogChunkInput[];
}

/** End of a build. */
@InputType({ description: 'The end of a build.' })
export class FinishBuildInput extends StartBuildInput implements protocol.FinishBuildInput {
  @Field(() => BuildResultInput, { description: 'How it ended.' })
  readonly result: BuildResultInput;
}
