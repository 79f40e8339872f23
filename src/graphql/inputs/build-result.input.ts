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

/** A value that a step wrote to `$SLIPWAY_OUTPUTS`. */
@InputType({ description: 'A value that a step wrote to $SLIPWAY_OUTPUTS.' })
export class BuildOutputInput {
  @Field(() => String, { description: 'Name.' })
  readonly name: string;

  @Field(() => String, { description: 'Value.' })
  readonly value: string;
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

  @Field(() => [BuildOutputInput], { description: 'What its steps wrote to $SLIPWAY_OUTPUTS.' })
  readonly outputs: readonly BuildOutputInput[];

  @Field(() => [LogLengthInput], { description: 'The logs of its steps.' })
  readonly logs: readonly LogLengthInput[];
}
