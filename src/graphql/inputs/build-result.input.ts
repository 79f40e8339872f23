import { Field, Float, InputType, Int } from 'type-graphql';
import { ResultStatus, type BuildResult } from '../../protocol/messages.js';

/** How long the log of a step is. */
@InputType({ description: 'How long the log of a step is.' })
export class LogLengthInput {
  @Field(() => Int, { description: 'Number of the step.' })
  readonly step: number;

  @Field(() => Int, { description: 'Number of the last piece; -1 for none.' })
  readonly lastSeq: number;

  @Field(() => Float, { description: 'Bytes of all pieces.' })
  readonly bytes: number;
}

/** How a build ended. */
@InputType({ description: 'How a build ended, as its agent says.' })
export class BuildResultInput implements BuildResult {
  @Field(() => ResultStatus, { description: 'Outcome.' })
  readonly status: ResultStatus;

  @Field(() => Int, { nullable: true, description: 'Exit code of the step that decided.' })
  readonly exitCode: number | null;

  @Field(() => String, { nullable: true, description: 'Kind of the failure; null with SUCCESS.' })
  readonly failureKind: string | null;

  @Field(() => String, { nullable: true, description: 'What went wrong.' })
  readonly error: string | null;

  @Field(() => [LogLengthInput], { description: 'The logs of its steps.' })
  readonly logs: readonly LogLengthInput[];
}
